// What norm 13(i) asks, and how far this report answers.

#include <fmt/format.h>

#include "verifier/report/norm.h"
#include "verifier/report/text_sections.h"

namespace assay::report {
namespace {

std::string AnswerOf(const PackReport& pack, const Report& report) {
  if (pack.state == PackState::kNotEvaluated ||
      pack.state == PackState::kNotApplicable) {
    return fmt::format("{}: {}", NameOf(pack.state), pack.why);
  }
  std::string text = fmt::format(
      "{}, {}", CountText(pack.evaluated, "rule"),
      pack.findings == 0 ? "no finding" : CountText(pack.findings, "finding"));
  if (pack.not_evaluated > 0) {
    text += fmt::format("; {} had nothing to judge by",
                        CountText(pack.not_evaluated, "rule"));
  }
  if (!pack.bytes_are.empty() && report.ledger.leaf_bytes > 0) {
    text += fmt::format("; {} of the bytes {}",
                        PercentText(pack.bytes, report.ledger.leaf_bytes),
                        pack.bytes_are);
  }
  return text;
}

}  // namespace

void PutNorm(Layout& layout, const Report& report) {
  layout.Heading("Norm 13(i), pack by pack");
  for (const PackReport& pack : NormReport(report)) {
    layout.Prose(2, fmt::format("{:<6} ", pack.id),
                 fmt::format("{} ({}): {}", pack.title, pack.paragraphs,
                             AnswerOf(pack, report)));
  }
}

}  // namespace assay::report
