#include "verifier/base/text.h"
#include "verifier/report/comparison.h"
#include "verifier/report/comparison_words.h"
#include "verifier/report/json_evidence.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/schema.h"

namespace assay::report {
namespace {

void PutSide(JsonText& json, std::string_view key,
             const ComparedProduct& side) {
  json.OpenObject(key);
  json.Text("product", Escaped(side.product));
  json.Text("sha256", side.sha256);
  json.Number("size", side.size);
  json.Text("tool_version", side.tool_version);
  json.Text("rules_sha256", side.rules_sha256);
  json.Text("at", TimeText(side.at));
  json.Text("verdict", NameOf(side.verdict));
  json.Number("leaf_bytes", side.leaf_bytes);
  json.Number("signed_bytes", side.signed_bytes);
  json.Number("opaque_bytes", side.opaque_bytes);
  json.Number("unknown_bytes", side.unknown_bytes);
  json.Close();
}

void PutChanges(JsonText& json, std::string_view key,
                const std::vector<Change>& changes) {
  json.OpenArray(key);
  for (const Change& change : changes) {
    json.OpenObject();
    json.Flag("gained", change.gained);
    json.Number("weight", change.weight);
    json.Text("kind", change.kind);
    json.Text("value", Escaped(change.value));
    json.Signed("tilt", change.tilt);
    json.TextIf("detail", change.detail);
    if (!change.evidence.empty()) {
      PutEvidence(json, change.evidence);
    }
    json.Close();
  }
  json.Close();
}

}  // namespace

std::string ComparisonJson(const Comparison& comparison,
                           const Style& /*style*/) {
  JsonText json;
  json.OpenObject();
  json.Text("schema", kComparisonSchema);
  json.Text("tlp", NameOf(comparison.tlp));
  json.Text("riskier", NameOf(BalanceOf(comparison).riskier));
  json.Text("why", Printable(RiskSentence(comparison)));
  PutSide(json, "before", comparison.before);
  PutSide(json, "now", comparison.now);
  PutChanges(json, "product", comparison.product);
  json.OpenArray("places");
  for (const ChangedPlace& place : comparison.places) {
    json.OpenObject();
    json.Number("weight", place.weight);
    if (place.file) {
      json.Text("file", NameOf(*place.file));
    }
    json.Text("path", place.path);
    json.TextIf("old_path", place.old_path);
    json.TextIf("old_sha256", place.old_sha256);
    json.TextIf("new_sha256", place.new_sha256);
    PutChanges(json, "changes", place.changes);
    json.Close();
  }
  json.Close();
  json.Number("same", comparison.same);
  json.Texts("incomplete", comparison.incomplete);
  json.Close();
  return json.Finish();
}

}  // namespace assay::report
