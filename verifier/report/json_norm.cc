#include "verifier/report/json_norm.h"

#include "verifier/report/norm.h"

namespace assay::report {

void PutNorm(JsonText& json, const Report& report) {
  json.OpenArray("norm");
  for (const PackReport& pack : NormReport(report)) {
    json.OpenObject();
    json.Text("pack", pack.id);
    json.Text("title", pack.title);
    json.Text("asks", pack.asks);
    json.Text("paragraphs", pack.paragraphs);
    json.Text("state", NameOf(pack.state));
    json.TextIf("why", pack.why);
    json.Number("rules_evaluated", pack.evaluated);
    json.Number("rules_not_evaluated", pack.not_evaluated);
    json.Number("findings", pack.findings);
    json.Number("notes", pack.notes);
    if (!pack.bytes_are.empty()) {
      json.Number("bytes", pack.bytes);
      json.Text("bytes_are", pack.bytes_are);
    }
    json.Close();
  }
  json.Close();
}

}  // namespace assay::report
