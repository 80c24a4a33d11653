#include "verifier/engine/waivers.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "rules/evaluate.h"
#include "verifier/base/text.h"

namespace assay::engine {
namespace {

constexpr std::string_view kVoidWaiverRule = "NI8-LIMIT-006";

// Of what has no content the product's.
std::string_view SubjectDigest(const Report& report, const Finding& finding) {
  for (const Evidence& evidence : finding.evidence) {
    if (evidence.path == finding.subject && !evidence.sha256.empty()) {
      return evidence.sha256;
    }
  }
  return report.product_sha256;
}

// Their rule was asked before they were known.
void RecountVoidWaivers(Report& report) {
  const bool found = std::any_of(
      report.findings.begin(), report.findings.end(),
      [](const Finding& finding) { return finding.rule == kVoidWaiverRule; });
  if (found && std::erase(report.rules.passed, kVoidWaiverRule) > 0) {
    ++report.rules.matched;
  }
}

}  // namespace

std::vector<VoidWaiver> ApplyWaivers(const Policy& policy, Report& report) {
  std::vector<VoidWaiver> dead;
  for (const Waiver& waiver : policy.waivers) {
    if (waiver.expires <= report.at) {
      dead.push_back({waiver.id, waiver.rule,
                      "it expired on " + FormatTime(waiver.expires)});
      continue;
    }
    if (waiver.expires - report.at > kLongestWaiver) {
      dead.push_back({waiver.id, waiver.rule, "it runs longer than 365 days"});
      continue;
    }
    bool met = false;
    for (Finding& finding : report.findings) {
      if (finding.rule == waiver.rule &&
          GlobMatches(waiver.subject, finding.subject) &&
          (waiver.sha256.empty() ||
           Lower(waiver.sha256) == SubjectDigest(report, finding))) {
        finding.waiver = waiver.id;
        met = true;
      }
    }
    if (!met) {
      dead.push_back({waiver.id, waiver.rule, "no finding answers to it"});
    }
  }
  return dead;
}

void NoteVoidWaivers(const rules::RuleSet& rule_set,
                     const std::vector<VoidWaiver>& dead, const Survey& survey,
                     Report& report) {
  if (dead.empty()) {
    return;
  }
  Node root{.artifact = survey.At(0)};
  root.artifact.anomalies.clear();
  for (const VoidWaiver& waiver : dead) {
    root.seen.facts.push_back(
        {.kind = "waiver.void",
         .value = waiver.id,
         .attributes = {{"rule", waiver.rule}, {"why", waiver.why}}});
  }
  Dossier dossier;
  dossier.survey.nodes.push_back(std::move(root));
  for (Finding& finding : rules::Evaluate(rule_set, dossier).findings) {
    if (finding.rule == kVoidWaiverRule) {
      report.findings.push_back(std::move(finding));
    }
  }
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const Finding& a, const Finding& b) {
                     return a.severity > b.severity;
                   });
  RecountVoidWaivers(report);
}

}  // namespace assay::engine
