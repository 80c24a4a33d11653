#include "signatures/public_key.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "signatures/anchor.h"
#include "signatures/x509.h"
#include "verifier/base/bytes.h"
#include "verifier/base/text.h"

namespace assay::signatures {
namespace {

constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 16384;
constexpr BN_ULONG kMinExponent = 65537;

using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Release<BN_free>>;

const EVP_MD* DigestOfLibcrypto(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kMd5:
      return EVP_md5();
    case DigestAlgorithm::kSha1:
      return EVP_sha1();
    case DigestAlgorithm::kSha256:
      return EVP_sha256();
    case DigestAlgorithm::kSha384:
      return EVP_sha384();
    case DigestAlgorithm::kSha512:
      return EVP_sha512();
    case DigestAlgorithm::kBlake2b512:
      return EVP_blake2b512();
  }
  return nullptr;
}

bool IsRsa(EVP_PKEY& key) {
  const int kind = EVP_PKEY_get_base_id(&key);
  return kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS;
}

bool SetPadding(EVP_PKEY& key, EVP_PKEY_CTX* context, Padding padding) {
  if (!IsRsa(key)) {
    return true;
  }
  if (padding != Padding::kPkcs1) {
    const int salt = padding == Padding::kPss ? RSA_PSS_SALTLEN_DIGEST
                                              : RSA_PSS_SALTLEN_AUTO;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) > 0;
  }
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
}

bool IsSmallExponent(EVP_PKEY& key) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(&key, OSSL_PKEY_PARAM_RSA_E, &raw) != 1) {
    return true;
  }
  const NumberPtr exponent(raw);
  const NumberPtr least(BN_new());
  return !least || BN_set_word(least.get(), kMinExponent) != 1 ||
         BN_cmp(exponent.get(), least.get()) < 0;
}

std::vector<KeyPtr> ReadPemKeys(ByteView text) {
  std::vector<KeyPtr> keys;
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  while (true) {
    KeyPtr key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    if (!key) {
      break;
    }
    keys.push_back(std::move(key));
  }
  ERR_clear_error();
  return keys;
}

std::string UpperHex(std::string hex) {
  std::ranges::transform(hex, hex.begin(), [](char c) {
    return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return hex;
}

bool IsValidAt(const X509& certificate, UnixTime at) {
  const auto from = UnixTimeOf(*X509_get0_notBefore(&certificate));
  const auto until = UnixTimeOf(*X509_get0_notAfter(&certificate));
  return from && until && *from <= at && at <= *until;
}

// Who uses a bare key looks at no time; a policy may want it looked at, for
// this file or for another that a list leads to.
std::vector<AnchoredKey> KeysOfPins(const TrustAnchor& anchor,
                                    const Trust& trust) {
  std::vector<AnchoredKey> keys;
  const auto loaded = CertificatesOfX509(anchor);
  if (!loaded) {
    return keys;
  }
  for (const X509Ptr& certificate : loaded->certificates) {
    KeyPtr key(X509_get_pubkey(certificate.get()));
    const TimeModel time = IsValidAt(*certificate, trust.at)
                               ? TimeModel::kNow
                               : TimeModel::kIgnore;
    if (key && (trust.time != TimeModel::kNow || time == TimeModel::kNow)) {
      std::string fingerprint = FingerprintOf(*key);
      keys.push_back(
          {std::move(key), std::move(fingerprint), anchor.name, time});
    }
  }
  return keys;
}

}  // namespace

Result<std::vector<AnchoredKey>> KeysOf(const TrustAnchor& anchor) {
  if (anchor.key.empty() || anchor.key.size() > kMaxAnchorBytes) {
    return Fail(ErrorCode::kConfig,
                fmt::format("anchor {}: no key material, or more than 64 MiB",
                            anchor.name));
  }
  std::vector<KeyPtr> found = ReadPemKeys(anchor.key);
  if (found.empty()) {
    KeyPtr one = KeyFromSpki(anchor.key);
    if (!one) {
      one = KeyFromAvb(anchor.key);
    }
    if (!one) {
      return Fail(
          ErrorCode::kConfig,
          fmt::format("anchor {}: no public key in PEM, DER or AVB form",
                      anchor.name));
    }
    found.push_back(std::move(one));
  }
  std::vector<AnchoredKey> keys;
  for (KeyPtr& key : found) {
    std::string fingerprint = FingerprintOf(*key);
    if (AllowsFingerprint(anchor, fingerprint)) {
      keys.push_back({.key = std::move(key),
                      .fingerprint = std::move(fingerprint),
                      .anchor = anchor.name});
    }
  }
  return keys;
}

std::vector<AnchoredKey> KeysOf(const Trust& trust) {
  std::vector<AnchoredKey> all;
  for (const TrustAnchor& anchor : trust.anchors) {
    std::vector<AnchoredKey> keys;
    if (anchor.type == TrustAnchor::Type::kRawKey) {
      if (auto loaded = KeysOf(anchor)) {
        keys = std::move(*loaded);
      }
    } else if (anchor.type == TrustAnchor::Type::kX509Pin) {
      keys = KeysOfPins(anchor, trust);
    }
    std::ranges::move(keys, std::back_inserter(all));
  }
  return all;
}

KeyPtr KeyFromSpki(ByteView der) {
  const unsigned char* at = der.data();
  KeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  const bool whole = key && at == der.data() + der.size();
  ERR_clear_error();
  return whole ? std::move(key) : nullptr;
}

KeyPtr KeyFromRsa(ByteView modulus, ByteView exponent) {
  constexpr std::size_t kMaxBytes = kMaxRsaBits / 8;
  if (modulus.size() > kMaxBytes || exponent.size() > kMaxBytes) {
    return nullptr;
  }
  const NumberPtr n(
      BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  const NumberPtr e(
      BN_bin2bn(exponent.data(), static_cast<int>(exponent.size()), nullptr));
  const std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>> build(
      OSSL_PARAM_BLD_new());
  const KeyContextPtr context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  if (!n || !e || !build || !context ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) !=
          1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) !=
          1) {
    return nullptr;
  }
  const std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(build.get()));
  EVP_PKEY* key = nullptr;
  if (!parameters || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                        parameters.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return KeyPtr(key);
}

KeyPtr KeyFromAvb(ByteView encoded) {
  constexpr std::array<std::uint8_t, 3> kExponent = {1, 0, 1};
  ByteReader reader(encoded);
  const auto bits = reader.Take<Be32>();
  const auto inverse = reader.Take<Be32>();
  if (!bits || !inverse || *bits % 8 != 0 || *bits > kMaxRsaBits ||
      reader.remaining() != std::size_t{*bits} / 8 * 2) {
    return nullptr;
  }
  const auto modulus = reader.TakeBytes(*bits / 8);
  return modulus ? KeyFromRsa(*modulus, kExponent) : nullptr;
}

std::string FingerprintOf(EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  const std::unique_ptr<unsigned char, decltype([](unsigned char* bytes) {
                          OPENSSL_free(bytes);
                        })>
      held(der);
  return size <= 0 ? ""
                   : UpperHex(Sha256Hex(
                         ByteView(der, static_cast<std::size_t>(size))));
}

void SpeakFor(SignatureCheck& check, const AnchoredKey& key) {
  check.key = key.fingerprint;
  check.public_key = key.fingerprint;
  check.anchor = key.anchor;
  check.time = key.time;
}

std::string WhyKeyIsRefused(EVP_PKEY& key, bool legacy_algorithms) {
  const int bits = EVP_PKEY_get_bits(&key);
  const bool finite_field =
      IsRsa(key) || EVP_PKEY_get_base_id(&key) == EVP_PKEY_DSA;
  if (IsRsa(key) && bits > kMaxRsaBits) {
    return fmt::format("a modulus of {} bits is over the limit", bits);
  }
  if (finite_field && bits < kMinRsaBits && !legacy_algorithms) {
    return fmt::format("a key of {} bits is too small", bits);
  }
  if (IsRsa(key) && IsSmallExponent(key)) {
    return "an RSA exponent under 65537";
  }
  return "";
}

namespace {

std::string_view KindOf(EVP_PKEY& key) {
  switch (EVP_PKEY_get_base_id(&key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
      return "RSA";
    case EVP_PKEY_EC:
      return "EC";
    case EVP_PKEY_DSA:
      return "DSA";
    case EVP_PKEY_ED25519:
      return "Ed25519";
    case EVP_PKEY_ED448:
      return "Ed448";
    default:
      return "";
  }
}

}  // namespace

AlgorithmUse UseOf(EVP_PKEY& key, std::optional<DigestAlgorithm> digest) {
  return {
      .key = KindOf(key),
      .bits = static_cast<std::uint32_t>(std::max(EVP_PKEY_get_bits(&key), 0)),
      .digest = digest};
}

bool HoldsOverDigest(EVP_PKEY& key, const Digest& digest, ByteView signature,
                     Padding padding) {
  const auto value = BytesFromHex(digest.hex);
  const EVP_MD* algorithm = DigestOfLibcrypto(digest.algorithm);
  return value && algorithm != nullptr &&
         HoldsOverDigest(key, *algorithm, *value, signature, padding);
}

bool HoldsOverDigest(EVP_PKEY& key, const EVP_MD& algorithm, ByteView digest,
                     ByteView signature, Padding padding) {
  const KeyContextPtr context(EVP_PKEY_CTX_new(&key, nullptr));
  const bool holds =
      context && EVP_PKEY_verify_init(context.get()) == 1 &&
      SetPadding(key, context.get(), padding) &&
      EVP_PKEY_CTX_set_signature_md(context.get(), &algorithm) == 1 &&
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                      digest.data(), digest.size()) == 1;
  ERR_clear_error();
  return holds;
}

bool HoldsOverMessage(EVP_PKEY& key, std::optional<DigestAlgorithm> digest,
                      ByteView message, ByteView signature, Padding padding) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  const bool holds =
      context &&
      EVP_DigestVerifyInit(context.get(), &inner,
                           digest ? DigestOfLibcrypto(*digest) : nullptr,
                           nullptr, &key) == 1 &&
      SetPadding(key, inner, padding) &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                       message.data(), message.size()) == 1;
  ERR_clear_error();
  return holds;
}

}  // namespace assay::signatures
