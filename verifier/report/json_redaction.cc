#include "verifier/report/json_redaction.h"

namespace assay::report {

void PutRedaction(JsonText& json, const Report& report) {
  if (!report.redaction) {
    return;
  }
  const Redaction& redaction = *report.redaction;
  json.OpenObject("redaction");
  json.Text("reason", redaction.reason);
  json.Text("original", redaction.original);
  json.TextIf("original_sha256", redaction.original_sha256);
  json.OpenArray("records");
  for (const RedactionRecord& record : redaction.records) {
    json.OpenObject();
    json.Text("kind", record.kind);
    json.Number("count", record.count);
    json.Text("commitment", record.commitment);
    json.Close();
  }
  json.Close();
  json.OpenObject("findings");
  for (const auto& [severity, count] : redaction.findings) {
    json.Number(NameOf(severity), count);
  }
  json.Close();
  json.OpenObject("rules");
  for (const auto& [pack, count] : redaction.rules) {
    json.Number(pack, count);
  }
  json.Close();
  json.Close();
}

}  // namespace assay::report
