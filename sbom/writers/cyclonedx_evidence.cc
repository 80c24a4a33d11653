#include "sbom/writers/cyclonedx_evidence.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sbom/writer_support.h"

namespace assay::sbom::write {
namespace {

// "0.8"; below 0 for anything that is no number from 0 to 1.
double ConfidenceOf(std::string_view text) {
  if (text == "1" || text == "1.0") {
    return 1;
  }
  if (text == "0") {
    return 0;
  }
  if (text.size() < 3 || text.size() > 6 || text.substr(0, 2) != "0.") {
    return -1;
  }
  double value = 0;
  double unit = 0.1;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') {
      return -1;
    }
    value += unit * (c - '0');
    unit /= 10;
  }
  return value;
}

}  // namespace

Json EvidenceOf(const Component& component, LossTally& losses) {
  Json evidence = Json::object();
  for (const IdentityEvidence& identity : component.identity_evidence) {
    Json entry = {{"field", identity.field.empty() ? "name" : identity.field}};
    const double confidence = ConfidenceOf(identity.confidence);
    if (confidence >= 0) {
      entry["confidence"] = confidence;
    }
    losses.Add("a confidence that is no number from 0 to 1",
               confidence < 0 && !identity.confidence.empty());
    PutIf(entry, "concludedValue", identity.value);
    if (!identity.technique.empty()) {
      entry["methods"].push_back({{"technique", identity.technique},
                                  {"confidence", std::max(confidence, 0.0)}});
    }
    evidence["identity"].push_back(std::move(entry));
  }
  const bool is_file = component.type == "file";
  for (const std::string& file : component.files) {
    if (!is_file || file != component.name) {
      evidence["occurrences"].push_back({{"location", file}});
    }
  }
  return evidence;
}

}  // namespace assay::sbom::write
