#include "verifier/report/json_check.h"

#include <string>
#include <vector>

#include "verifier/report/names.h"

namespace assay::report {

namespace {

void PutAge(JsonText& json, const StatedAge& age) {
  if (!age.rollback_index && age.version.empty() && !age.date &&
      !age.valid_until) {
    return;
  }
  json.OpenObject("age");
  if (age.rollback_index) {
    json.Number("rollback_index", *age.rollback_index);
  }
  json.TextIf("version", age.version);
  if (age.date) {
    json.Text("date", TimeText(*age.date));
  }
  if (age.valid_until) {
    json.Text("valid_until", TimeText(*age.valid_until));
  }
  json.Close();
}

}  // namespace

void PutCheck(JsonText& json, const SignatureCheck& check) {
  json.OpenObject();
  json.Text("scheme", check.scheme);
  if (check.artifact != kNoArtifact) {
    json.Number("artifact", check.artifact);
  }
  json.Text("holder", check.holder);
  json.Text("target", check.target);
  json.Text("indication", NameOf(check.indication));
  json.TextIf("sub_indication", check.sub_indication);
  json.TextIf("signer", check.signer);
  json.TextIf("key", check.key);
  json.TextIf("anchor", check.anchor);
  if (check.signed_at) {
    json.Text("signed_at", TimeText(*check.signed_at));
  }
  if (check.proven_at) {
    json.Text("proven_at", TimeText(*check.proven_at));
  }
  json.TextIf("time", NameOf(check.time));
  PutAge(json, check.age);
  if (!check.good_keys.empty()) {
    std::vector<std::string> keys;
    for (const GoodKey& good : check.good_keys) {
      keys.push_back(good.key);
    }
    json.Texts("good_keys", keys);
  }
  json.TextIf("algorithm", TextOf(check.algorithm));
  json.Texts("steps", check.steps);
  if (!check.skipped.empty()) {
    json.Texts("skipped", check.skipped);
  }
  json.TextIf("detail", check.detail);
  json.TextIf("reproduce", check.reproduce);
  json.OpenArray("covers");
  for (const CoveredRange& covered : check.covers) {
    json.OpenObject();
    json.Number("artifact", covered.artifact);
    json.Place(covered.range);
    json.Text("coverage", NameOf(covered.coverage));
    json.Close();
  }
  json.Close();
  json.Close();
}

}  // namespace assay::report
