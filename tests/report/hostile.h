// Text that pages, terminals and scripts have been fooled with, and a report
// that holds it in every field that a product can reach.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "tests/report/example.h"

namespace assay::testing {

// Each calls alert(), starts or ends an element, or reorders what follows.
inline constexpr std::array<std::string_view, 20> kHostileTexts = {
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</bdi></code></section><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "\" onmouseover=\"alert(1)\" x=\"",
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<!--<script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "</title><script>alert(1)</script>",
    "\\u003cscript\\u003ealert(1)",
    "&lt;script&gt;&#60;script&#62;",
    "<meta http-equiv=refresh content=\"0;url=data:text/html,x\">",
    "exe.\xe2\x80\xaegpj\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf\xd7\x90",
    "a\x01\x1b[2J\r\n\x7f\xc2\x85\xff\xfe</SCRIPT\n>",
};

inline Artifact HostileArtifact(ArtifactId id, std::string_view text) {
  Artifact artifact = ExampleArtifact(id, 0, "router.bin!/" + std::string(text),
                                      100 + std::uint64_t{id});
  artifact.name = text;
  artifact.format = text;
  artifact.opaque_reason = text;
  return artifact;
}

inline Finding HostileFinding(std::string_view raw) {
  const std::string text(raw);
  Finding finding = ExampleFinding();
  finding.rule = finding.rule_version = finding.family = text;
  finding.title = finding.explanation = finding.fix = text;
  finding.cwe = finding.attack = finding.norm = {text};
  finding.subject = "router.bin!/" + text;
  for (Evidence& evidence : finding.evidence) {
    evidence.path = evidence.excerpt = text;
    evidence.field = evidence.value = text;
  }
  finding.evidence.push_back(
      {.kind = Evidence::Kind::kRelation, .path = text, .value = text});
  finding.id = FindingId(finding);
  return finding;
}

inline SignatureCheck HostileCheck(std::string_view raw) {
  const std::string text(raw);
  SignatureCheck check = ExampleCheck();
  check.scheme = check.holder = check.target = check.signer = text;
  check.key = check.anchor = check.detail = check.reproduce = text;
  check.sub_indication = text;
  check.steps = check.skipped = {text};
  return check;
}

inline void AddHostile(std::string_view raw, Report& report) {
  const std::string text(raw);
  report.artifacts.push_back(
      HostileArtifact(static_cast<ArtifactId>(report.artifacts.size()), raw));
  report.ledger.accounts.push_back(
      {report.artifacts.back().id, {{"structure", {{text, 100}}}}});
  report.ledger.headline[0].entries.push_back({text, 1});
  report.findings.push_back(HostileFinding(raw));
  report.checks.push_back(HostileCheck(raw));
  report.reconciliation.discrepancies.push_back(
      {.kind = DiscrepancyKind::kUndeclared,
       .component = text,
       .purl = text,
       .claimed = text,
       .found = text,
       .document = text,
       .pointer = text});
  HeldDocument held;
  held.holder = held.document.format = held.document.spec_version = text;
  report.reconciliation.documents.push_back(held);
  report.reconciliation.owners.push_back(
      {report.artifacts.back().id, Provenance::kSbom, text});
  report.not_examined.push_back({text, {0, 9}, text});
  report.delta->files.push_back({FileChange::kAdded, text});
  report.delta->traits.push_back({5, text, text, text, true});
  report.delta->incomplete.push_back(text);
  report.rules.not_evaluated.push_back(text);
  report.rules.disabled.push_back(text);
  report.explanations.push_back({text, text, text, text});
  report.reasons.push_back(text);
}

// All of them everywhere; the texts that there is one of are `text`.
inline Report HostileReport(std::string_view text) {
  Report report = ExampleReport();
  for (const std::string_view one : kHostileTexts) {
    AddHostile(one, report);
  }
  report.product = report.policy_name = report.policy_signer = text;
  report.tool_version = report.confinement = text;
  report.artifacts[0].name = report.artifacts[0].path = text;
  report.delta->previous = text;
  report.reasons[0] = text;
  return report;
}

}  // namespace assay::testing
