#include <limits>
#include <utility>

#include "verifier/report/read_parts.h"

namespace assay::report {
namespace {

constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();

Limits LimitsFrom(Fields fields) {
  Limits limits;
  limits.depth = static_cast<std::uint32_t>(fields.Number("depth", kMost32));
  limits.entries = fields.Number("entries");
  limits.unpacked = fields.Number("unpacked");
  limits.member = fields.Number("member");
  limits.ratio = fields.Number("ratio");
  limits.ratio_floor = fields.Number("ratio_floor");
  limits.name = fields.Number("name");
  limits.facts = fields.Number("facts");
  limits.memory_per_member = fields.Number("memory_per_member");
  fields.End();
  return limits;
}

RuleTally TallyFrom(Fields& fields) {
  RuleTally tally;
  tally.evaluated = fields.Number("evaluated");
  tally.matched = fields.Number("matched");
  tally.passed = fields.Texts("passed");
  tally.not_evaluated = fields.Texts("not_evaluated");
  tally.disabled = fields.Texts("disabled");
  return tally;
}

Thresholds ThresholdsFrom(Fields fields) {
  Thresholds thresholds;
  thresholds.fail_on = SeverityFrom(fields, "fail_on");
  Fields families = fields.Object("families");
  for (const std::string& family : families.Keys()) {
    thresholds.families.emplace(family, SeverityFrom(families, family));
  }
  fields.End();
  return thresholds;
}

ChangedFile ChangedFileFrom(Fields fields) {
  const FileChange change = fields.OneOf(
      "change",
      {FileChange::kAdded, FileChange::kRemoved, FileChange::kChanged,
       FileChange::kRebuilt, FileChange::kMoved},
      "not a kind of change");
  ChangedFile file{.change = change, .path = fields.Text("path")};
  fields.End();
  return file;
}

NewTrait TraitFrom(Fields fields) {
  NewTrait trait;
  trait.weight = static_cast<std::uint32_t>(fields.Number("weight", 10));
  trait.path = fields.Text("path");
  trait.kind = fields.Text("kind");
  trait.value = fields.Raw("value");
  trait.elsewhere = fields.Flag("elsewhere");
  fields.End();
  return trait;
}

}  // namespace

void ReadHead(Fields& fields, Report& report) {
  Fields tool = fields.Object("tool");
  if (tool.Text("name") != "assay") {
    tool.Refuse("name", "not assay");
  }
  report.tool_version = tool.Text("version");
  tool.End();
  report.tlp = fields.OneOf(
      "tlp",
      {Tlp::kRed, Tlp::kAmberStrict, Tlp::kAmber, Tlp::kGreen, Tlp::kClear},
      "not a label of TLP 2.0");
  if (fields.Has("redaction")) {
    report.redaction = RedactionFrom(fields.Object("redaction"));
  }
  report.verdict = fields.OneOf(
      "verdict", {Verdict::kInconclusive, Verdict::kPass, Verdict::kFail},
      "not a verdict");
  report.reasons = fields.Texts("reasons");
  Fields product = fields.Object("product");
  report.product = product.Raw("name");
  report.product_sha256 = product.Sha256("sha256");
  report.product_size = product.Number("size");
  product.End();
}

Delta DeltaFrom(Fields fields) {
  Delta delta;
  delta.previous = fields.Raw("previous");
  delta.previous_sha256 = fields.Sha256("previous_sha256");
  delta.same = fields.Number("same");
  fields.Each("files", [&delta](Fields file) {
    delta.files.push_back(ChangedFileFrom(std::move(file)));
  });
  fields.Each("traits", [&delta](Fields trait) {
    delta.traits.push_back(TraitFrom(std::move(trait)));
  });
  delta.light = fields.Number("light");
  delta.incomplete = fields.Texts("incomplete");
  fields.End();
  return delta;
}

void ReadConditions(Fields& fields, Report& report) {
  if (!fields.IsNull("policy")) {
    Fields policy = fields.Object("policy");
    report.policy_name = policy.Text("name");
    report.policy_sha256 = policy.Sha256("sha256");
    report.policy_signer = policy.TextIf("signer");
    policy.End();
  }
  report.thresholds = ThresholdsFrom(fields.Object("thresholds"));
  if (!fields.IsNull("delta")) {
    report.delta = DeltaFrom(fields.Object("delta"));
  }
  fields.Each("explanations", [&report](Fields source) {
    report.explanations.push_back({.kind = source.Text("kind"),
                                   .name = source.Text("name"),
                                   .sha256 = source.Sha256("sha256"),
                                   .detail = source.Text("detail")});
    source.End();
  });
  Fields rules = fields.Object("rules");
  report.rules_sha256 = rules.Sha256("sha256");
  report.rules = TallyFrom(rules);
  rules.End();
  report.at = fields.Time("at");
  report.limits = LimitsFrom(fields.Object("limits"));
  report.reproducible = fields.Flag("reproducible");
  report.confinement = fields.Text("confinement");
  Fields secrets = fields.Object("secrets");
  report.keys = secrets.Number("keys");
  report.passwords = secrets.Number("passwords");
  secrets.End();
}

}  // namespace assay::report
