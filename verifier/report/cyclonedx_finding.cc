#include "verifier/report/cyclonedx_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "verifier/base/text.h"
#include "verifier/report/layout.h"

namespace assay::report {
namespace {

constexpr std::size_t kMostEvidence = 10;

void PutSource(JsonText& json) {
  json.OpenObject("source");
  json.Text("name", "Assay");
  json.Close();
}

// "CWE-798" -> 798.
std::optional<std::uint64_t> NumberOfCwe(std::string_view cwe) {
  constexpr std::string_view kPrefix = "CWE-";
  const auto number = cwe.starts_with(kPrefix)
                          ? NumberOf(cwe.substr(kPrefix.size()))
                          : std::nullopt;
  return number > 0 ? number : std::nullopt;
}

// What the user said of it. Accepted: it is there and stays. Explained: it is
// no hidden function. Otherwise nobody has judged it yet.
void PutAnalysis(JsonText& json, const Finding& finding) {
  json.OpenObject("analysis");
  if (!finding.waiver.empty()) {
    json.Text("state", "exploitable");
    json.Texts("response", {"will_not_fix"});
    json.Text("detail", fmt::format("accepted by waiver {} of the policy",
                                    Printable(finding.waiver)));
  } else if (!finding.explained_by.empty()) {
    json.Text("state", "false_positive");
    json.Text("detail",
              fmt::format("explained by {}", Printable(finding.explained_by)));
  } else {
    json.Text("state", "in_triage");
    json.TextIf("detail", finding.baseline.empty()
                              ? std::string()
                              : fmt::format("known from {}",
                                            Printable(finding.baseline)));
  }
  json.Close();
}

std::string WordsOf(const Evidence& evidence) {
  std::string text =
      fmt::format("{} {}", NameOf(evidence.kind), Printable(evidence.path));
  if (evidence.place) {
    text += " " + PlaceText(*evidence.place);
  }
  if (!evidence.digest.empty()) {
    text += ", sha256 " + evidence.digest;
  }
  if (!evidence.field.empty()) {
    text += ", " + Printable(evidence.field);
  }
  if (!evidence.value.empty()) {
    text += ", " + Printable(evidence.value);
  }
  return text;
}

}  // namespace

void PutCycloneDxSha256(JsonText& json, std::string_view hex) {
  if (hex.empty()) {
    return;
  }
  json.OpenArray("hashes");
  json.OpenObject();
  json.Text("alg", "SHA-256");
  json.Text("content", hex);
  json.Close();
  json.Close();
}

void PutCycloneDxCwes(JsonText& json, const Finding& finding) {
  json.OpenArray("cwes");
  for (const std::string& cwe : finding.cwe) {
    if (const auto number = NumberOfCwe(cwe)) {
      json.Element(*number);
    }
  }
  json.Close();
}

void PutCycloneDxProperty(JsonText& json, std::string_view name,
                          std::string_view value) {
  if (value.empty()) {
    return;
  }
  json.OpenObject();
  json.Text("name", fmt::format("assay:{}", name));
  json.Text("value", Printable(value));
  json.Close();
}

void PutCycloneDxFinding(JsonText& json, const Finding& finding,
                         std::string_view ref) {
  json.OpenObject();
  json.Text("bom-ref", fmt::format("finding:{}", Printable(finding.id)));
  json.Text("id", Printable(finding.rule));
  PutSource(json);
  json.OpenArray("ratings");
  json.OpenObject();
  PutSource(json);
  json.Text("severity", NameOf(finding.severity));
  json.Text("method", "other");
  json.Close();
  json.Close();
  PutCycloneDxCwes(json, finding);
  json.Text("description", Printable(finding.title));
  json.TextIf("detail", Printable(finding.explanation));
  json.TextIf("recommendation", Printable(finding.fix));
  PutAnalysis(json, finding);
  json.OpenArray("affects");
  json.OpenObject();
  json.Text("ref", ref);
  json.Close();
  json.Close();
  json.OpenArray("properties");
  PutCycloneDxProperty(json, "finding", finding.id);
  PutCycloneDxProperty(json, "rule-version", finding.rule_version);
  PutCycloneDxProperty(json, "family", finding.family);
  PutCycloneDxProperty(json, "confidence", NameOf(finding.confidence));
  PutCycloneDxProperty(json, "subject", finding.subject);
  const std::size_t kept = std::min(finding.evidence.size(), kMostEvidence);
  for (std::size_t i = 0; i < kept; ++i) {
    PutCycloneDxProperty(json, "evidence", WordsOf(finding.evidence[i]));
  }
  json.Close();
  json.Close();
}

}  // namespace assay::report
