#include "verifier/report/json_evidence.h"

namespace assay::report {
namespace {

void PutEvidence(JsonText& json, const Evidence& evidence) {
  json.OpenObject();
  json.Text("kind", NameOf(evidence.kind));
  json.TextIf("path", evidence.path);
  json.TextIf("sha256", evidence.sha256);
  if (evidence.place) {
    json.Place(*evidence.place);
  }
  json.TextIf("digest", evidence.digest);
  json.TextIf("field", evidence.field);
  json.TextIf("value", evidence.value);
  json.TextIf("excerpt", evidence.excerpt);
  json.FlagIf("redacted", evidence.redacted);
  json.Close();
}

}  // namespace

void PutEvidence(JsonText& json, const std::vector<Evidence>& evidence) {
  json.OpenArray("evidence");
  for (const Evidence& one : evidence) {
    PutEvidence(json, one);
  }
  json.Close();
}

}  // namespace assay::report
