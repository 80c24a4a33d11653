#include <algorithm>
#include <array>

#include "verifier/report/read_parts.h"

namespace assay::report {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"evidence", "finding",
                                                    "label", "mention", "path"};

}  // namespace

Redaction RedactionFrom(Fields fields) {
  Redaction redaction;
  redaction.reason = fields.Text("reason");
  redaction.original = fields.Sha256("original");
  redaction.original_sha256 =
      fields.Has("original_sha256") ? fields.Sha256("original_sha256") : "";
  fields.Each("records", [&redaction](Fields record) {
    RedactionRecord read{.kind = record.Text("kind"),
                         .count = record.Number("count"),
                         .commitment = record.Sha256("commitment")};
    if (std::find(kKinds.begin(), kKinds.end(), read.kind) == kKinds.end()) {
      record.Refuse("kind", "not a kind of redaction");
    }
    record.End();
    redaction.records.push_back(std::move(read));
  });
  Fields findings = fields.Object("findings");
  for (const std::string& name : findings.Keys()) {
    const auto severity = SeverityOf(name);
    if (!severity) {
      findings.Refuse(name, "not a severity");
    }
    redaction.findings[severity.value_or(Severity::kInfo)] =
        findings.Number(name);
  }
  Fields rules = fields.Object("rules");
  for (const std::string& pack : rules.Keys()) {
    redaction.rules[pack] = rules.Number(pack);
  }
  fields.End();
  return redaction;
}

}  // namespace assay::report
