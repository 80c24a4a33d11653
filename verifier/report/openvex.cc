// OpenVEX 0.2.0: github.com/openvex/spec, OPENVEX-SPEC.md. Rules stand for
// vulnerabilities. What is accepted or explained is not affected, by whose word
// it is; the five justifications speak of code and fit neither.

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "verifier/report/exchange.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/vex.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

void PutHashes(JsonText& json, std::string_view sha256) {
  if (!sha256.empty()) {
    json.OpenObject("hashes");
    json.Text("sha-256", sha256);
    json.Close();
  }
}

void PutProduct(JsonText& json, const Report& report, const VexClaim& claim) {
  json.OpenArray("products");
  json.OpenObject();
  json.Text("@id", ProductPurl(report));
  PutHashes(json, report.product_sha256);
  if (!claim.finding->subject.empty()) {
    json.OpenArray("subcomponents");
    json.OpenObject();
    json.Text("@id", PathUrn(claim.finding->subject));
    PutHashes(json, claim.sha256);
    json.Close();
    json.Close();
  }
  json.Close();
  json.Close();
}

void PutStatement(JsonText& json, const Report& report, const VexClaim& claim) {
  const Finding& finding = *claim.finding;
  json.OpenObject();
  json.OpenObject("vulnerability");
  json.Text("name", Printable(finding.rule));
  json.Text("description", Printable(finding.title));
  json.Texts("aliases", {finding.id});
  json.Close();
  PutProduct(json, report, claim);
  json.Text("status", claim.answered ? "not_affected" : "under_investigation");
  json.TextIf(claim.answered ? "impact_statement" : "status_notes",
              claim.words);
  json.Close();
}

// The form has no member for labels.
std::string ToolingOf(const Report& report) {
  const std::string redaction = RedactionText(report);
  return Printable(fmt::format(
      "assay {}; {}; verdict {}{}{}", report.tool_version, NameOf(report.tlp),
      NameOf(report.verdict), redaction.empty() ? "" : "; ", redaction));
}

std::string Write(const Report& report, const Style& /*style*/) {
  const auto at = std::clamp<UnixTime>(report.at, 0, 253'402'300'799);
  JsonText json;
  json.OpenObject();
  json.Text("@context", "https://openvex.dev/ns/v0.2.0");
  json.Text("@id", "urn:uuid:" +
                       UuidOf("openvex",
                              fmt::format("{} {}", report.product_sha256, at)));
  json.Text("author", VexAuthor(report));
  json.Text("timestamp", FormatTime(at));
  json.Number("version", 1);
  json.Text("tooling", ToolingOf(report));
  json.OpenArray("statements");
  for (const VexClaim& claim : VexClaims(report)) {
    PutStatement(json, report, claim);
  }
  json.Close();
  json.Close();
  return json.Finish();
}

}  // namespace

const ReportWriter kOpenvex = {
    .name = "openvex",
    .title = "OpenVEX 0.2.0: which findings are answered",
    .write = Write,
};

}  // namespace assay::report
