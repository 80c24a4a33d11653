// CycloneDX 1.6 (ECMA-424) with vulnerabilities and nothing else: rules stand
// for vulnerabilities. What is accepted or explained is not affected, by whose
// word it is; its justifications speak of code and fit neither.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "verifier/base/text.h"
#include "verifier/report/cyclonedx_finding.h"
#include "verifier/report/exchange.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/vex.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

void PutMetadata(JsonText& json, const Report& report, UnixTime at) {
  json.OpenObject("metadata");
  json.Text("timestamp", FormatTime(at));
  json.OpenArray("authors");
  json.OpenObject();
  json.Text("name", VexAuthor(report));
  json.Close();
  json.Close();
  json.OpenObject("component");
  json.Text("type", "file");
  json.Text("bom-ref", ProductPurl(report));
  json.Text("name", Escaped(report.product));
  PutCycloneDxSha256(json, report.product_sha256);
  json.Close();
  json.OpenArray("properties");
  PutCycloneDxProperty(json, "tool_version", report.tool_version);
  PutCycloneDxProperty(json, "tlp", NameOf(report.tlp));
  PutCycloneDxProperty(json, "verdict", NameOf(report.verdict));
  PutCycloneDxProperty(json, "redaction", RedactionText(report));
  json.Close();
  json.Close();
}

void PutVulnerability(JsonText& json, const Report& report,
                      const VexClaim& claim) {
  const Finding& finding = *claim.finding;
  json.OpenObject();
  json.Text("bom-ref", finding.id);
  json.Text("id", Printable(finding.rule));
  json.OpenObject("source");
  json.Text("name", "Assay");
  json.Close();
  json.OpenArray("ratings");
  json.OpenObject();
  json.Text("severity", NameOf(finding.severity));
  json.Text("method", "other");
  json.Close();
  json.Close();
  PutCycloneDxCwes(json, finding);
  json.Text("description", Printable(finding.title));
  json.TextIf("detail", Printable(finding.explanation));
  json.TextIf("recommendation", Printable(finding.fix));
  json.OpenObject("analysis");
  json.Text("state", claim.answered ? "not_affected" : "in_triage");
  if (claim.answered) {
    json.Text("detail", claim.words);
  }
  json.Close();
  json.OpenArray("affects");
  json.OpenObject();
  json.Text("ref", finding.subject.empty() ? ProductPurl(report)
                                           : PathUrn(finding.subject));
  json.Close();
  json.Close();
  json.Close();
}

void PutComponents(JsonText& json, const std::vector<VexClaim>& claims) {
  std::map<std::string_view, std::string_view> subjects;
  for (const VexClaim& claim : claims) {
    subjects.emplace(claim.finding->subject, claim.sha256);
  }
  json.OpenArray("components");
  for (const auto& [path, sha256] : subjects) {
    if (path.empty()) {
      continue;
    }
    json.OpenObject();
    json.Text("type", "file");
    json.Text("bom-ref", PathUrn(path));
    json.Text("name", Printable(path));
    PutCycloneDxSha256(json, sha256);
    json.Close();
  }
  json.Close();
}

std::string Write(const Report& report, const Style& /*style*/) {
  const auto at = std::clamp<UnixTime>(report.at, 0, 253'402'300'799);
  const std::vector<VexClaim> claims = VexClaims(report);
  JsonText json;
  json.OpenObject();
  json.Text("bomFormat", "CycloneDX");
  json.Text("specVersion", "1.6");
  json.Text(
      "serialNumber",
      "urn:uuid:" + UuidOf("cyclonedx-vex",
                           fmt::format("{} {}", report.product_sha256, at)));
  json.Number("version", 1);
  PutMetadata(json, report, at);
  PutComponents(json, claims);
  json.OpenArray("vulnerabilities");
  for (const VexClaim& claim : claims) {
    PutVulnerability(json, report, claim);
  }
  json.Close();
  json.Close();
  return json.Finish();
}

}  // namespace

const ReportWriter kCyclonedxVex = {
    .name = "cyclonedx-vex",
    .title = "CycloneDX 1.6 VEX: which findings are answered",
    .write = Write,
};

}  // namespace assay::report
