// Public keys without a certificate, and signatures by them, by libcrypto.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "signatures/scheme.h"
#include "verifier/base/digest.h"
#include "verifier/base/result.h"

namespace assay::signatures {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

// Of RSA signatures (RFC 8017).
enum class Padding : std::uint8_t {
  kPkcs1,
  kPss,         // with a salt as long as the digest
  kPssAnySalt,  // where the scheme does not say how long it is
};

// A key of an anchor.
struct AnchoredKey {
  KeyPtr key = {};
  std::string fingerprint = {};  // SHA-256 of its SPKI, upper-case hex
  std::string anchor = {};
  // Of a pinned certificate: kNow when it is valid at Trust::at, else kIgnore.
  TimeModel time = TimeModel::kByScheme;
};

// The keys of a kRawKey anchor that its `fingerprints` allow: PEM (any number,
// "PUBLIC KEY"), one DER SubjectPublicKeyInfo, or one AvbRSAPublicKey.
[[nodiscard]] Result<std::vector<AnchoredKey>> KeysOf(
    const TrustAnchor& anchor);
// Those of all anchors that apply: raw keys, and the keys of pinned
// certificates; of these under TimeModel::kNow only the ones that are valid at
// Trust::at.
[[nodiscard]] std::vector<AnchoredKey> KeysOf(const Trust& trust);

// Null when it is not one of DER (RFC 5280 SubjectPublicKeyInfo).
[[nodiscard]] KeyPtr KeyFromSpki(ByteView der);
// Null when libcrypto refuses the numbers (big-endian).
[[nodiscard]] KeyPtr KeyFromRsa(ByteView modulus, ByteView exponent);
// AvbRSAPublicKeyHeader (external/avb, avb_rsa.h): big-endian bits, n0inv, n,
// r^2; the exponent is 65537.
[[nodiscard]] KeyPtr KeyFromAvb(ByteView encoded);
[[nodiscard]] std::string FingerprintOf(EVP_PKEY& key);
// Makes the check speak of that key.
void SpeakFor(SignatureCheck& check, const AnchoredKey& key);

// "" or why the key must not vouch for anything: RSA or DSA under 2048 bits
// (unless legacy), RSA over 16384 bits, or an exponent under 65537.
[[nodiscard]] std::string WhyKeyIsRefused(EVP_PKEY& key,
                                          bool legacy_algorithms);
[[nodiscard]] AlgorithmUse UseOf(EVP_PKEY& key,
                                 std::optional<DigestAlgorithm> digest);

// Whether `signature` (RSA: as long as the modulus; EC, DSA: DER) is that of
// the digest. False for keys that sign messages instead (Ed25519).
[[nodiscard]] bool HoldsOverDigest(EVP_PKEY& key, const Digest& digest,
                                   ByteView signature,
                                   Padding padding = Padding::kPkcs1);
// The same for any digest that libcrypto has.
[[nodiscard]] bool HoldsOverDigest(EVP_PKEY& key, const EVP_MD& algorithm,
                                   ByteView digest, ByteView signature,
                                   Padding padding = Padding::kPkcs1);
// The same over a message; `digest` is none for Ed25519 and Ed448.
[[nodiscard]] bool HoldsOverMessage(EVP_PKEY& key,
                                    std::optional<DigestAlgorithm> digest,
                                    ByteView message, ByteView signature,
                                    Padding padding = Padding::kPkcs1);

}  // namespace assay::signatures
