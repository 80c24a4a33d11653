// Signatures by a key alone, without a certificate or a standard's envelope:
// what U-Boot, MCUboot, SWUpdate and Mender put beside their own formats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "signatures/public_key.h"
#include "signatures/scheme.h"
#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

struct RawSignature {
  enum class Kind : std::uint8_t {
    kUnknown,   // by `algorithm`; recognized, not verified
    kByKey,     // the key decides: PKCS #1 v1.5 or PSS, ECDSA in DER, Ed25519
    kRsaPkcs1,  // RFC 8017 section 8.2
    kRsaPss,    // RFC 8017 section 8.1
    kEcdsa,     // in DER, RFC 3279 section 2.2.3
    kEcdsaRaw,  // r and s side by side, as IEEE P1363
    kEd25519,   // RFC 8032; over the digest where there is one
  };
  Kind kind = Kind::kUnknown;
  std::uint32_t bits = 0;  // of the key, as the format states; 0: any
  std::optional<DigestAlgorithm> digest = {};
  std::string algorithm = {};  // as the format says it: "sha256,rsa2048"
  Bytes value = {};
};

// A SignatureCandidate carries bytes alone: one line of parameters, then the
// value.
[[nodiscard]] Bytes Encode(const RawSignature& signature);
[[nodiscard]] std::optional<RawSignature> DecodeRaw(ByteView encoded);

// What lies outside of the signature that a check by key alone depends on.
struct RawRules {
  std::string_view scheme = {};
  // SHA-256 of the signer's SubjectPublicKeyInfo, upper-case hex, when the
  // format names it: no other key can have made the signature.
  std::string key = {};
  // Why the signed bytes do not vouch for all that they should, or "".
  std::string weakness = {};
};

// Judges a candidate whose signature is an encoded RawSignature over
// `message`, or over the candidate's digests where the message is empty.
// A signature names no key: one that holds under no anchored key of its kind
// fails, whether the bytes were changed or a stranger signed.
[[nodiscard]] SignatureCheck CheckRaw(const SignatureCandidate& candidate,
                                      ByteView message, const Trust& trust,
                                      const RawRules& rules);

}  // namespace assay::signatures
