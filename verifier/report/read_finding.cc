#include <utility>

#include "verifier/report/read_parts.h"

namespace assay::report {
namespace {

bool IsFindingId(std::string_view text) {
  return text.size() == 18 && text.starts_with("f-") &&
         text.find_first_not_of("0123456789abcdef", 2) ==
             std::string_view::npos;
}

Evidence EvidenceFrom(Fields fields) {
  Evidence evidence;
  using Kind = Evidence::Kind;
  evidence.kind = fields.OneOf(
      "kind", {Kind::kBytes, Kind::kMetadata, Kind::kAbsence, Kind::kRelation},
      "not a kind of evidence");
  evidence.path = fields.TextIf("path");
  evidence.sha256 = fields.Has("sha256") ? fields.Sha256("sha256") : "";
  evidence.place = PlaceIf(fields);
  evidence.digest = fields.Has("digest") ? fields.Sha256("digest") : "";
  evidence.field = fields.TextIf("field");
  evidence.value = fields.TextIf("value");
  evidence.excerpt = fields.TextIf("excerpt");
  evidence.redacted = fields.FlagIf("redacted");
  fields.End();
  return evidence;
}

}  // namespace

Severity SeverityFrom(Fields& fields, std::string_view key) {
  return fields.OneOf(key,
                      {Severity::kInfo, Severity::kLow, Severity::kMedium,
                       Severity::kHigh, Severity::kCritical},
                      "not a severity");
}

Finding FindingFrom(Fields& fields) {
  Finding finding;
  finding.id = fields.Text("id");
  if (!IsFindingId(finding.id)) {
    fields.Refuse("id", "not the id of a finding");
  }
  finding.rule = fields.Text("rule");
  finding.rule_version = fields.Text("rule_version");
  finding.family = fields.Text("family");
  finding.severity = SeverityFrom(fields, "severity");
  finding.confidence = fields.OneOf(
      "confidence", {Confidence::kLow, Confidence::kMedium, Confidence::kHigh},
      "not a confidence");
  finding.title = fields.Text("title");
  finding.explanation = fields.Text("explanation");
  finding.fix = fields.Text("fix");
  finding.cwe = fields.Texts("cwe");
  finding.attack = fields.Texts("attack");
  finding.norm = fields.Texts("norm");
  finding.subject = fields.Text("subject");
  finding.explained_by = fields.TextIf("explained_by");
  finding.waiver = fields.TextIf("waiver");
  finding.baseline = fields.TextIf("baseline");
  finding.redacted = fields.FlagIf("redacted");
  fields.Each("evidence", [&finding](Fields evidence) {
    finding.evidence.push_back(EvidenceFrom(std::move(evidence)));
  });
  return finding;
}

}  // namespace assay::report
