#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "verifier/report/read_parts.h"

namespace assay::report {
namespace {

StatedAge AgeFrom(Fields fields) {
  StatedAge age;
  if (fields.Has("rollback_index")) {
    age.rollback_index = fields.Number("rollback_index");
  }
  age.version = fields.TextIf("version");
  age.date = fields.TimeIf("date");
  age.valid_until = fields.TimeIf("valid_until");
  fields.End();
  return age;
}

// The inverse of TextOf(): "RSA-4096 with sha256".
AlgorithmUse AlgorithmFrom(Fields& fields, Words& words) {
  constexpr std::string_view kWith = " with ";
  const std::string text = fields.Text("algorithm");
  AlgorithmUse use;
  std::string_view key = text;
  if (const auto with = key.rfind(kWith); with != std::string_view::npos) {
    use.digest = DigestAlgorithmOf(key.substr(with + kWith.size()));
    key = key.substr(0, with);
  }
  if (const auto dash = key.rfind('-'); dash != std::string_view::npos) {
    const char* const end = key.data() + key.size();
    const auto [stop, error] =
        std::from_chars(key.data() + dash + 1, end, use.bits);
    if (error == std::errc() && stop == end) {
      key = key.substr(0, dash);
    }
  }
  use.key = *words.emplace(key).first;
  if (TextOf(use) != text) {
    fields.Refuse("algorithm", "not KEY-BITS with DIGEST");
  }
  return use;
}

void ReadSigner(Fields& fields, Words& words, SignatureCheck& check) {
  check.signer = fields.TextIf("signer");
  check.key = fields.TextIf("key");
  check.anchor = fields.TextIf("anchor");
  check.signed_at = fields.TimeIf("signed_at");
  check.proven_at = fields.TimeIf("proven_at");
  if (fields.Has("time")) {
    check.time = fields.OneOf(
        "time",
        {TimeModel::kNow, TimeModel::kTrustedTimestamp, TimeModel::kIgnore},
        "not a model of time");
  }
  if (fields.Has("age")) {
    check.age = AgeFrom(fields.Object("age"));
  }
  if (fields.Has("good_keys")) {
    for (std::string& key : fields.Texts("good_keys")) {
      check.good_keys.push_back({.key = std::move(key)});
    }
  }
  if (fields.Has("algorithm")) {
    check.algorithm = AlgorithmFrom(fields, words);
  }
}

CoveredRange CoveredFrom(Fields fields, std::size_t artifacts) {
  CoveredRange covered;
  covered.artifact = ArtifactAt(fields, artifacts);
  covered.range = PlaceFrom(fields);
  covered.coverage = fields.OneOf(
      "coverage",
      {Coverage::kSigned, Coverage::kByDigest, Coverage::kByDerivedKey,
       Coverage::kUncoveredInert, Coverage::kUncoveredLive},
      "not a kind of coverage");
  fields.End();
  return covered;
}

}  // namespace

SignatureCheck CheckFrom(Fields fields, std::size_t artifacts, Words& words) {
  SignatureCheck check;
  check.scheme = fields.Text("scheme");
  check.artifact = ArtifactIf(fields, artifacts);
  check.holder = fields.Text("holder");
  check.target = fields.Text("target");
  check.indication =
      fields.OneOf("indication",
                   {Indication::kTotalPassed, Indication::kIndeterminate,
                    Indication::kTotalFailed, Indication::kNone,
                    Indication::kDigestOnly, Indication::kUnsupported},
                   "not an indication");
  check.sub_indication = fields.TextIf("sub_indication");
  ReadSigner(fields, words, check);
  check.steps = fields.Texts("steps");
  if (fields.Has("skipped")) {
    check.skipped = fields.Texts("skipped");
  }
  check.detail = fields.TextIf("detail");
  check.reproduce = fields.TextIf("reproduce");
  fields.Each("covers", [&](Fields covered) {
    check.covers.push_back(CoveredFrom(std::move(covered), artifacts));
  });
  fields.End();
  return check;
}

}  // namespace assay::report
