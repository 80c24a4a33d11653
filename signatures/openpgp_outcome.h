// What came of the OpenPGP signatures of one block, and what they say together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verifier/base/time.h"
#include "verifier/model/signature.h"

namespace assay::signatures {

// What became of one signature, worst first: the order decides which one
// speaks for the whole when none is good.
enum class OpenPgpOutcome {
  kBad,
  kWrongType,
  kGood,
  kRevoked,
  kSignatureExpired,
  kNotYetMade,
  kKeyExpired,
  kKeyUnfit,
  kWeak,
  kUnsupported,
  kUnknownKey,
};

struct JudgedSignature {
  OpenPgpOutcome outcome = OpenPgpOutcome::kUnknownKey;
  std::string key = {};          // issuer as far as known
  std::string certificate = {};  // fingerprint of the primary key
  std::string user_id = {};
  std::string anchor = {};
  std::string hash = {};
  AlgorithmUse algorithm = {};
  std::optional<UnixTime> made = {};
  std::string detail = {};
};

// From librnp's names: "RSA", "EDDSA", "ECDSA", "DSA"; "SHA256".
[[nodiscard]] AlgorithmUse UseOf(std::string_view key, std::uint32_t bits,
                                 std::string_view hash);

// Adds one step for each signature and sets indication, sub_indication,
// signer, key, anchor, signed_at, detail and good_keys. Bad signatures fail
// the whole; without them one good signature passes it; otherwise the most
// telling of the others speaks. `all` is not empty.
void Summarize(const std::vector<JudgedSignature>& all, SignatureCheck& check);

}  // namespace assay::signatures
