// Whom a user trusts, and what a product carries for others to be trusted by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"
#include "verifier/base/time.h"

namespace assay {

// A key or certificate that the user trusts, for which purpose and period; or
// data that takes trust away.
struct TrustAnchor {
  enum class Type : std::uint8_t {
    kOpenPgpCert,  // one or more OpenPGP certificates
    kX509Ca,       // certificates that may end a path
    kX509Pin,      // exactly these certificates sign
    kMinisignKey,  // minisign public key (Ed25519)
    kSignifyKey,   // signify or usign public key (Ed25519)
    kRawKey,       // public keys without a certificate: PEM or DER
                   // SubjectPublicKeyInfo, AVB's own form
    kSshSigners,   // an allowed_signers file, ssh-keygen(1)
    kUefiDb,       // EFI_SIGNATURE_LISTs of what may boot
    kUefiDbx,      // EFI_SIGNATURE_LISTs of what may not
    kSbatLevel,    // "component,generation" lines: what is too old to boot
    kRevoked,      // fingerprints and key ids that vouch for nothing, by line
  };
  std::string name = {};
  Type type = Type::kOpenPgpCert;
  Bytes key = {};          // file contents, as given
  bool from_file = false;  // not written in the policy itself
  // Schemes it may be used with (SignatureScheme::name); empty: all of its
  // type.
  std::vector<std::string> schemes = {};
  // Globs over artifact paths and names it may vouch for; empty: all.
  std::vector<std::string> subjects = {};
  // Full fingerprints (upper or lower hex) that are allowed out of `key`;
  // empty: every certificate in it.
  std::vector<std::string> fingerprints = {};
  // Exact names of signers that count (RFC 2253 subject, user id, principal);
  // empty: whoever the key speaks for.
  std::vector<std::string> signers = {};
  std::optional<UnixTime> valid_from = {};
  std::optional<UnixTime> valid_until = {};
  // How it came to be trusted, when the policy did not name it but allows the
  // derivation: the steps from an anchor of the policy to this key.
  std::vector<std::string> derivation = {};
};

// As policies name it: "openpgp-cert", "x509-ca" ...
[[nodiscard]] std::string_view NameOf(TrustAnchor::Type type);

// For which time a signer's certificates have to be good.
enum class TimeModel : std::uint8_t {
  kByScheme,          // as who uses such signatures does it
  kNow,               // the time the verdict speaks of, time stamp or not
  kTrustedTimestamp,  // the time that a time stamp proves; there must be one
  kIgnore,            // none: expired certificates count
};
// As policies name it: "now", "trusted-timestamp", "ignore"; "" for kByScheme.
[[nodiscard]] std::string_view NameOf(TimeModel model);

// A key or certificate that an artifact carries for others to be verified
// with. It vouches for nothing until a signature covers the bytes it lies in
// and the policy allows its derivation.
struct EmbeddedKey {
  // SignatureScheme::name of the signatures that it is there to check, static
  // storage. Also the derivation's name in a policy.
  std::string_view scheme = {};
  TrustAnchor::Type type = TrustAnchor::Type::kX509Pin;
  std::string what = {};  // "module-signing certificate CN=..."
  Bytes key = {};         // as TrustAnchor::key
  Range place = {};       // where it lies in its artifact
};

// What the strength of a signature rests on; "" and 0 where nothing is known.
struct AlgorithmUse {
  std::string_view key = {};  // "RSA", "EC", "Ed25519", "DSA"; static storage
  std::uint32_t bits = 0;
  std::optional<DigestAlgorithm> digest = {};
};
// "RSA-4096 with sha256"; "" where nothing is known.
[[nodiscard]] std::string TextOf(const AlgorithmUse& use);

}  // namespace assay
