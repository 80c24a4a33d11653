// The only output: everything said about one product, as values. A pure
// function of product bytes, tool version, rules, policy, limits and time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/limits.h"
#include "verifier/base/time.h"
#include "verifier/model/artifact.h"
#include "verifier/model/delta.h"
#include "verifier/model/finding.h"
#include "verifier/model/ledger.h"
#include "verifier/model/reconciliation.h"
#include "verifier/model/redaction.h"
#include "verifier/model/signature.h"
#include "verifier/model/trait.h"

namespace assay {

enum class Verdict : std::uint8_t { kPass, kFail, kInconclusive };
[[nodiscard]] std::string_view NameOf(Verdict verdict);

// With whom a report may be shared, from the fewest to everybody: FIRST,
// Traffic Light Protocol (TLP) 2.0.
enum class Tlp : std::uint8_t { kRed, kAmberStrict, kAmber, kGreen, kClear };
[[nodiscard]] std::string_view NameOf(Tlp tlp);  // "TLP:AMBER+STRICT"
// Of a label without its prefix, in lower case: "amber+strict".
[[nodiscard]] std::optional<Tlp> TlpOf(std::string_view word);

// From which severity on findings weigh on the verdict.
struct Thresholds {
  Severity fail_on = Severity::kMedium;
  std::map<std::string, Severity> families = {};  // that have one of their own
};

// Something that was not looked into, and why.
struct NotExamined {
  std::string path = {};
  Range range = {};
  std::string reason = {};
};

struct RuleTally {
  std::uint64_t evaluated = 0;
  std::uint64_t matched = 0;
  std::vector<std::string> passed = {};  // evaluated, and matched nothing
  // Rules whose facts were not produced: neither passed nor failed.
  std::vector<std::string> not_evaluated = {};
  std::vector<std::string> disabled = {};  // by the policy: not asked at all
};

// Something that the user gave to explain findings with.
struct ExplanationSource {
  std::string kind = {};  // "reference", "manifest", "exceptions"
  std::string name = {};  // of the file, without its folders
  std::string sha256 = {};
  std::string detail = {};  // what is in it, and who vouches for it
};

// Report::confinement. What exactly holds a process back depends on the
// kernel, which a report never speaks of: `assay doctor` does.
inline constexpr std::string_view kNotConfined = "none";
inline constexpr std::string_view kConfinedProcess = "process";

struct Report {
  std::string tool_version = {};
  std::string rules_sha256 = {};
  std::string policy_name = {};    // "" without a policy
  std::string policy_sha256 = {};  // "" without a policy
  std::string policy_signer = {};  // who signed it, "" when nobody was asked
  Thresholds thresholds = {};      // that the verdict was decided by
  std::vector<ExplanationSource> explanations = {};
  UnixTime at = 0;  // the time the verdict speaks of
  Limits limits = {};
  bool reproducible = true;  // false after a wall-clock stop or an interrupt
  std::string confinement = std::string(kNotConfined);
  // How many keys and passwords were given to open encrypted parts with: with
  // others, less or more may be seen. What they are is nobody's to know.
  std::uint64_t keys = 0;
  std::uint64_t passwords = 0;

  Tlp tlp = Tlp::kAmberStrict;  // the user's decision; stands on every output
  // In a report for disclosure: what was taken out, and why.
  std::optional<Redaction> redaction = {};

  std::string product = {};  // name as given, without its folders
  std::string product_sha256 = {};
  std::uint64_t product_size = 0;

  Verdict verdict = Verdict::kInconclusive;
  std::vector<std::string> reasons = {};  // why, most important first

  std::vector<Finding> findings = {};  // most severe first
  std::vector<SignatureCheck> checks = {};
  Reconciliation reconciliation = {};
  Ledger ledger = {};
  std::vector<Artifact> artifacts = {};
  // What its files can do, from kReportedWeight up; by artifact, then kind and
  // value.
  std::vector<Trait> traits = {};
  std::vector<NotExamined> not_examined = {};
  std::optional<Delta> delta = {};  // when the release before was given
  RuleTally rules = {};

  // In a report that was read back: what the views in it point into.
  std::shared_ptr<const std::set<std::string>> words = {};
};

}  // namespace assay
