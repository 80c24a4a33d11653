// Findings as comma-separated values (RFC 4180, with LF), one a line, every
// field quoted. What a spreadsheet would take for a formula is text.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/report/layout.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

// Cells that begin with one of these are formulas; the last four are the
// full-width forms of "=", "+", "-" and "@".
bool IsFormula(std::string_view text) {
  constexpr std::array<std::string_view, 8> kStarts = {"=",
                                                       "+",
                                                       "-",
                                                       "@",
                                                       "\xEF\xBC\x9D",
                                                       "\xEF\xBC\x8B",
                                                       "\xEF\xBC\x8D",
                                                       "\xEF\xBC\xA0"};
  const std::size_t start = text.find_first_not_of(' ');
  for (const std::string_view sign : kStarts) {
    if (start != std::string_view::npos &&
        text.substr(start).starts_with(sign)) {
      return true;
    }
  }
  return false;
}

void PutRow(const std::vector<std::string>& fields, std::string& to) {
  bool first = true;
  for (const std::string& field : fields) {
    to += first ? "\"" : ",\"";
    first = false;
    const std::string text = Printable(field);
    to += IsFormula(text) ? "'" : "";
    for (const char c : text) {
      to += c == '"' ? "\"\"" : std::string(1, c);
    }
    to += "\"";
  }
  to += "\n";
}

std::string PlaceOf(const Finding& finding) {
  for (const Evidence& evidence : finding.evidence) {
    if (evidence.place) {
      return fmt::format("{} {}+{}", evidence.path, evidence.place->offset,
                         evidence.place->length);
    }
  }
  return "";
}

std::string Write(const Report& report, const Style& /*style*/) {
  std::string text;
  PutRow({"product", "id", "severity", "confidence", "family", "rule", "title",
          "subject", "place", "explained_by", "waiver", "baseline", "cwe",
          "attack", "norm", "explanation", "fix", "tlp", "redaction"},
         text);
  const std::string redaction = RedactionText(report);
  for (const Finding& finding : report.findings) {
    PutRow(
        {report.product, finding.id, std::string(NameOf(finding.severity)),
         std::string(NameOf(finding.confidence)), finding.family, finding.rule,
         finding.title, finding.subject, PlaceOf(finding), finding.explained_by,
         finding.waiver, finding.baseline,
         fmt::format("{}", fmt::join(finding.cwe, " ")),
         fmt::format("{}", fmt::join(finding.attack, " ")),
         fmt::format("{}", fmt::join(finding.norm, " ")), finding.explanation,
         finding.fix, std::string(NameOf(report.tlp)), redaction},
        text);
  }
  return text;
}

}  // namespace

const ReportWriter kCsv = {
    .name = "csv",
    .title = "Findings as comma-separated values",
    .write = Write,
};

}  // namespace assay::report
