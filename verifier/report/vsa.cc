// SLSA Verification Summary Attestation v1
// (https://slsa.dev/spec/v1.0/verification_summary). It claims no SLSA level:
// none was evaluated. What is inconclusive did not pass.

#include <fmt/format.h>

#include <string>

#include "verifier/base/text.h"
#include "verifier/report/exchange.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/statement.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

void PutInput(JsonText& json, std::string_view name, std::string_view sha256) {
  json.OpenObject();
  json.Text("name", Printable(name));
  json.OpenObject("digest");
  json.Text("sha256", sha256);
  json.Close();
  json.Close();
}

// What others said about the product and the verdict took into account.
void PutInputs(JsonText& json, const Report& report) {
  json.OpenArray("inputAttestations");
  for (const HeldDocument& held : report.reconciliation.documents) {
    if (held.artifact < report.artifacts.size() &&
        report.artifacts[held.artifact].has_content &&
        !report.artifacts[held.artifact].redacted) {
      PutInput(json, held.holder, report.artifacts[held.artifact].sha256());
    }
  }
  for (const ExplanationSource& source : report.explanations) {
    PutInput(json, source.name, source.sha256);
  }
  json.Close();
}

std::string Write(const Report& report, const Style& /*style*/) {
  const bool passed = report.verdict == Verdict::kPass;
  JsonText json;
  OpenStatement(json, report, "https://slsa.dev/verification_summary/v1");
  PutVerifier(json, report, true);
  json.Text("timeVerified", TimeText(report.at));
  json.Text("resourceUri",
            fmt::format("pkg:generic/{}?checksum=sha256:{}",
                        UriOf(Escaped(report.product)), report.product_sha256));
  json.OpenObject("policy");
  if (report.policy_sha256.empty()) {
    json.Text("uri", "urn:assay:policy:none");
  } else {
    PutPolicyDescriptor(json, report);
  }
  json.Close();
  PutInputs(json, report);
  json.Text("verificationResult", passed ? "PASSED" : "FAILED");
  json.Texts("verifiedLevels",
             {passed ? "SLSA_BUILD_LEVEL_UNEVALUATED" : "FAILED"});
  json.Text("slsaVersion", "1.0");
  PutExtensions(json, report);
  json.Close();
  json.Close();
  return json.Finish();
}

}  // namespace

const ReportWriter kVsa = {
    .name = "vsa",
    .title = "SLSA Verification Summary Attestation v1, signed",
    .attestation = true,
    .write = Write,
};

}  // namespace assay::report
