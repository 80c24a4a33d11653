// The report for people: the verdict first, then why, then the proof.

#include "verifier/base/text.h"

#include <fmt/format.h>

#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/text_sections.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

std::string_view WordOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "PASS";
    case Verdict::kFail:
      return "FAIL";
    case Verdict::kInconclusive:
      return "INCONCLUSIVE";
  }
  return "";
}

Colour ColourOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return Colour::kGreen;
    case Verdict::kFail:
      return Colour::kRed;
    case Verdict::kInconclusive:
      return Colour::kYellow;
  }
  return Colour::kYellow;
}

void PutVerdict(Layout& layout, const Report& report) {
  const std::string_view word = WordOf(report.verdict);
  layout.Line(fmt::format("{}  {}",
                          layout.Paint(ColourOf(report.verdict), word),
                          Escaped(report.product)));
  layout.Line(fmt::format("{:{}}  {} ({} bytes), sha256 {}", "", word.size(),
                          SizeText(report.product_size), report.product_size,
                          report.product_sha256.substr(0, 16)));
  layout.Line(fmt::format("{:{}}  {}", "", word.size(), NameOf(report.tlp)));
  if (report.redaction) {
    layout.Prose(word.size() + 2, "", RedactionText(report));
  }
  if (!report.reasons.empty()) {
    layout.Heading("Why");
  }
  for (const std::string& reason : report.reasons) {
    layout.Prose(2, "- ", reason);
  }
}

void PutFooter(Layout& layout, const Report& report) {
  layout.Heading("About this verdict");
  layout.Prose(2, "Policy   ",
               report.policy_sha256.empty()
                   ? "none: nobody is trusted, so nothing can pass"
                   : fmt::format("{}, sha256 {}, {}", report.policy_name,
                                 report.policy_sha256.substr(0, 16),
                                 report.policy_signer.empty()
                                     ? "its own signature not asked for"
                                     : "signed by " + report.policy_signer));
  for (const ExplanationSource& source : report.explanations) {
    layout.Prose(2, "Explains ",
                 fmt::format("{} {}, sha256 {}: {}", source.kind, source.name,
                             source.sha256.substr(0, 16), source.detail));
  }
  layout.Prose(
      2, "Rules    ",
      fmt::format("{} evaluated, {} matched, {} not evaluated, {} disabled by "
                  "the policy, sha256 {}",
                  report.rules.evaluated, report.rules.matched,
                  report.rules.not_evaluated.size(),
                  report.rules.disabled.size(),
                  report.rules_sha256.substr(0, 16)));
  layout.Prose(2, "Time     ", TimeText(report.at));
  layout.Prose(2, "Tool     ",
               fmt::format("assay {}, confinement: {}", report.tool_version,
                           report.confinement));
  if (report.keys + report.passwords > 0) {
    layout.Prose(2, "Secrets  ",
                 fmt::format("{} keys and {} passwords were given: without "
                             "them less can be seen",
                             report.keys, report.passwords));
  }
  if (!report.reproducible) {
    layout.Prose(2, "Beware   ",
                 "the run was stopped by a clock or by hand; another run may "
                 "say something else");
  }
  layout.Prose(2, "Recheck  ",
               fmt::format("assay recheck REPORT {} (REPORT: written by "
                           "-o json=REPORT)",
                           Escaped(report.product)));
}

std::string Write(const Report& report, const Style& style) {
  Layout layout(style);
  PutVerdict(layout, report);
  PutFindings(layout, report);
  PutSignatures(layout, report);
  PutSbom(layout, report);
  PutDelta(layout, report);
  PutLedger(layout, report);
  PutNorm(layout, report);
  PutNotExamined(layout, report);
  PutFooter(layout, report);
  return layout.Finish();
}

}  // namespace

const ReportWriter kText = {
    .name = "text",
    .title = "Text for people",
    .write = Write,
};

}  // namespace assay::report
