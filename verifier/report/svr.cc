// in-toto Simple Verification Result, predicate v0.2 (in-toto attestation
// framework, spec/predicates/svr.md): the properties that hold, and no others.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "verifier/report/names.h"
#include "verifier/report/statement.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

bool EverySignatureHolds(const Report& report) {
  const auto has = [&](Indication indication) {
    return std::any_of(report.checks.begin(), report.checks.end(),
                       [&](const SignatureCheck& check) {
                         return check.indication == indication;
                       });
  };
  return has(Indication::kTotalPassed) && !has(Indication::kTotalFailed) &&
         !has(Indication::kNone);
}

bool SbomAgrees(const Report& report) {
  const auto& discrepancies = report.reconciliation.discrepancies;
  return report.reconciliation.scores.has_value() &&
         std::none_of(discrepancies.begin(), discrepancies.end(),
                      [](const Discrepancy& one) { return one.weight > 0; });
}

// Accepted and old findings are findings.
bool HasNoFindings(const Report& report) {
  return std::none_of(report.findings.begin(), report.findings.end(),
                      [&](const Finding& finding) {
                        return finding.severity >= report.thresholds.fail_on;
                      });
}

bool IsFullyExamined(const Report& report) {
  return report.not_examined.empty() && report.reproducible &&
         report.rules.not_evaluated.empty() && report.rules.disabled.empty() &&
         report.confinement != kNotConfined;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return upper;
}

std::vector<std::string> PropertiesOf(const Report& report) {
  std::vector<std::string> properties;
  const auto add = [&](bool holds, std::string name) {
    if (holds) {
      properties.push_back(std::move(name));
    }
  };
  add(report.verdict == Verdict::kPass, "ASSAY_POLICY_SATISFIED");
  add(EverySignatureHolds(report), "ASSAY_SIGNATURES_HOLD");
  add(SbomAgrees(report), "ASSAY_SBOM_AGREES_WITH_CONTENT");
  add(HasNoFindings(report),
      fmt::format("ASSAY_NO_FINDINGS_FROM_{}_ON",
                  Upper(NameOf(report.thresholds.fail_on))));
  add(IsFullyExamined(report), "ASSAY_FULLY_EXAMINED");
  return properties;
}

std::string Write(const Report& report, const Style& /*style*/) {
  JsonText json;
  OpenStatement(json, report, "https://in-toto.io/attestation/svr/v0.2");
  PutVerifier(json, report, false);
  json.OpenArray("policies");
  if (!report.policy_sha256.empty()) {
    json.OpenObject();
    PutPolicyDescriptor(json, report);
    json.Close();
  }
  json.Close();
  json.Text("timeCreated", TimeText(report.at));
  json.Texts("properties", PropertiesOf(report));
  PutExtensions(json, report);
  json.Close();
  json.Close();
  return json.Finish();
}

}  // namespace

const ReportWriter kSvr = {
    .name = "svr",
    .title = "in-toto Simple Verification Result v0.2, signed",
    .attestation = true,
    .write = Write,
};

}  // namespace assay::report
