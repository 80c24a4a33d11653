#include "verifier/report/html/norm.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/report/exchange.h"
#include "verifier/report/html/pieces.h"
#include "verifier/report/layout.h"
#include "verifier/report/norm.h"

namespace assay::report::html {
namespace {

// Those of them that a pack names; the heaviest findings come first.
constexpr std::size_t kFindingsShown = 20;

struct StateWords {
  std::string_view words = {};
  std::string_view tone = {};
};

StateWords WordsOf(const PackReport& pack) {
  switch (pack.state) {
    case PackState::kEvaluated:
      return {"evaluated", pack.findings > 0 ? "fail" : "pass"};
    case PackState::kPartly:
      return {"partly evaluated", pack.findings > 0 ? "fail" : "inconclusive"};
    case PackState::kNotEvaluated:
      return {"not evaluated", "inconclusive"};
    case PackState::kNotApplicable:
      break;
  }
  return {"not applicable", "info"};
}

// "118 rules: 3 findings, and 2 only noted. 4 more had nothing to judge by."
std::string AnswerOf(const PackReport& pack) {
  std::string text = fmt::format(
      "{}: {}", CountText(pack.evaluated, "rule"),
      pack.findings == 0 ? "no finding" : CountText(pack.findings, "finding"));
  if (pack.notes > 0) {
    text += fmt::format(", and {} only noted", pack.notes);
  }
  text += ".";
  if (pack.not_evaluated > 0) {
    text += fmt::format(" {} had nothing to judge by.",
                        CountText(pack.not_evaluated, "more rule"));
  }
  return text;
}

void PutFindings(Markup& page, const Report& report, const PackReport& pack) {
  page.Open("ul", {{"class", "pack-findings"}});
  std::size_t shown = 0;
  for (const Finding& finding : report.findings) {
    if (shown == kFindingsShown) {
      break;
    }
    if (!IsLoud(finding) || !finding.rule.starts_with(pack.rules)) {
      continue;
    }
    ++shown;
    page.Open("li");
    page.Leaf("span", NameOf(finding.severity),
              {{"class", fmt::format("badge {}", NameOf(finding.severity))}});
    page.Text(" ");
    page.Open("a", {{"href", fmt::format("#{}", finding.id)}});
    page.Name(finding.title);
    page.Close();
    page.Close();
  }
  page.Close();
  PutOmitted(page, pack.findings - shown, "under Findings");
}

void PutPack(Markup& page, const Report& report, const PackReport& pack) {
  const StateWords state = WordsOf(pack);
  page.Open("li", {{"class", "pack"}});
  page.Open("h3");
  page.Leaf("span", state.words,
            {{"class", fmt::format("badge {}", state.tone)}});
  page.Text(fmt::format(" {}: {}", pack.id, pack.title));
  page.Close();
  const bool several = pack.paragraphs.find(',') != std::string_view::npos;
  page.Leaf("p", fmt::format("Asks that {} (paragraph{} {}).", pack.asks,
                             several ? "s" : "", pack.paragraphs));
  if (pack.evaluated == 0) {
    page.Leaf("p", fmt::format("Why: {}.", pack.why), {{"class", "small"}});
  } else {
    page.Leaf("p", AnswerOf(pack));
  }
  if (pack.evaluated > 0 && !pack.bytes_are.empty() &&
      report.ledger.leaf_bytes > 0) {
    page.Leaf("p",
              fmt::format("{} of the bytes are {}.",
                          PercentText(pack.bytes, report.ledger.leaf_bytes),
                          pack.bytes_are));
  }
  if (pack.findings > 0) {
    PutFindings(page, report, pack);
  }
  page.Close();
}

}  // namespace

void PutNorm(Markup& page, const Report& report) {
  page.Leaf("p",
            "Norm 13(i) of the United Nations' framework of responsible State "
            "behaviour in cyberspace (A/70/174, paragraph 13(i); A/76/135, "
            "paragraphs 56 to 59), pack by pack. What was not evaluated has "
            "neither passed nor failed.",
            {{"class", "lead"}});
  page.Open("ul", {{"class", "packs"}});
  for (const PackReport& pack : NormReport(report)) {
    PutPack(page, report, pack);
  }
  page.Close();
}

}  // namespace assay::report::html
