#include "signatures/openpgp_outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace assay::signatures {
namespace {

using Outcome = OpenPgpOutcome;

struct OutcomeWords {
  Indication indication;
  std::string_view sub_indication;
  std::string_view phrase;
};

OutcomeWords WordsOf(Outcome outcome) {
  using enum Indication;
  switch (outcome) {
    case Outcome::kBad:
      return {kTotalFailed, "SIG_CRYPTO_FAILURE",
              "does not match the signed bytes"};
    case Outcome::kWrongType:
      return {kTotalFailed, "FORMAT_FAILURE",
              "is of a type that signs no document"};
    case Outcome::kGood:
      return {kTotalPassed, "", "holds"};
    case Outcome::kRevoked:
      return {kIndeterminate, "REVOKED_NO_POE", "is made by a revoked key"};
    case Outcome::kSignatureExpired:
      return {kIndeterminate, "OUT_OF_BOUNDS_NO_POE", "has expired"};
    case Outcome::kNotYetMade:
      return {kIndeterminate, "OUT_OF_BOUNDS_NO_POE",
              "claims to be made after the time of this verification"};
    case Outcome::kKeyExpired:
      return {kIndeterminate, "OUT_OF_BOUNDS_NO_POE",
              "is made by a key outside of its time of validity"};
    case Outcome::kKeyUnfit:
      return {kIndeterminate, "CHAIN_CONSTRAINTS_FAILURE",
              "is made by a key whose self-signatures do not allow signing"};
    case Outcome::kWeak:
      return {kIndeterminate, "CRYPTO_CONSTRAINTS_FAILURE",
              "uses an algorithm or key size that the policy does not allow"};
    case Outcome::kUnsupported:
      return {kUnsupported, "", "cannot be judged by this version"};
    case Outcome::kUnknownKey:
      return {kIndeterminate, "NO_CERTIFICATE_CHAIN_FOUND",
              "is made by a key of no anchor"};
  }
  return {kIndeterminate, "", ""};
}

std::string StepOf(const JudgedSignature& judged) {
  std::string step =
      fmt::format("the signature by {}",
                  judged.key.empty() ? "an unnamed key" : judged.key);
  if (!judged.anchor.empty()) {
    step += fmt::format(" of {} (anchor {})", judged.user_id, judged.anchor);
  }
  if (judged.made) {
    step += fmt::format(", {}, made {}", judged.hash, FormatTime(*judged.made));
  }
  step += fmt::format(", {}", WordsOf(judged.outcome).phrase);
  if (!judged.detail.empty()) {
    step += fmt::format(": {}", judged.detail);
  }
  return step;
}

}  // namespace

AlgorithmUse UseOf(std::string_view key, std::uint32_t bits,
                   std::string_view hash) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4>
      kNames = {{{"RSA", "RSA"},
                 {"DSA", "DSA"},
                 {"ECDSA", "EC"},
                 {"EDDSA", "Ed25519"}}};
  const auto* const row = std::ranges::find(
      kNames, key, &std::pair<std::string_view, std::string_view>::first);
  return {.key = row == kNames.end() ? std::string_view() : row->second,
          .bits = bits,
          .digest = DigestAlgorithmOf(hash)};
}

void Summarize(const std::vector<JudgedSignature>& all, SignatureCheck& check) {
  const JudgedSignature* deciding = nullptr;
  for (const JudgedSignature& judged : all) {
    check.steps.push_back(StepOf(judged));
    if (deciding == nullptr || judged.outcome < deciding->outcome) {
      deciding = &judged;
    }
  }
  const OutcomeWords words = WordsOf(deciding->outcome);
  check.indication = words.indication;
  check.sub_indication = words.sub_indication;
  check.signer = deciding->user_id;
  check.key =
      deciding->certificate.empty() ? deciding->key : deciding->certificate;
  check.anchor = deciding->anchor;
  check.signed_at = deciding->made;
  check.algorithm = deciding->algorithm;
  if (deciding->outcome != Outcome::kGood) {
    check.detail = StepOf(*deciding);
    return;
  }
  for (const JudgedSignature& judged : all) {
    if (judged.outcome == Outcome::kGood) {
      AddGoodKey(check, {.key = judged.certificate,
                         .anchor = judged.anchor,
                         .signer = judged.user_id,
                         .algorithm = judged.algorithm});
    }
  }
}

}  // namespace assay::signatures
