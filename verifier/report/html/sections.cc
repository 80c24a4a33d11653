#include "verifier/report/html/sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "verifier/report/html/data.h"
#include "verifier/report/html/norm.h"
#include "verifier/report/html/pieces.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/schema.h"

namespace assay::report::html {
namespace {

constexpr std::size_t kNamesShown = 500;

void Open(Markup& page, std::string_view id) {
  OpenSection(page,
              *std::find_if(kSections.begin(), kSections.end(),
                            [&](const Section& one) { return one.id == id; }));
}

void PutFindings(Markup& page, const Report& report) {
  Open(page, "findings");
  page.Leaf("p",
            "Each finding is a function that is present and unexplained, or "
            "something that does not fit. None says who put it there, or why.",
            {{"class", "lead"}});
  PutLeftOut(page, report.findings.size(), kMostFindings,
             "findings, the heaviest first,");
  PutView(page, "findings");
  page.Close();
}

void PutContent(Markup& page, const Report& report) {
  Open(page, "content");
  page.Leaf("p",
            "Everything the product unpacks to, sized by bytes. Open a part to "
            "see what is in it; the table says the same in words.",
            {{"class", "lead"}});
  PutLeftOut(page, report.artifacts.size(), kMostArtifacts, "parts");
  PutView(page, "content");
  page.Leaf("h3", "Not examined");
  if (report.not_examined.empty()) {
    page.Leaf("p", "Nothing was left out.");
  } else {
    PutLeftOut(page, report.not_examined.size(), kMostRows, "parts");
    PutView(page, "unseen");
  }
  page.Close();
}

void PutSignatures(Markup& page, const Report& report) {
  Open(page, "signatures");
  if (report.checks.empty()) {
    page.Leaf("p", "No signature was found: nobody vouches for these bytes.",
              {{"class", "lead"}});
  } else {
    page.Leaf("p",
              "From whom the policy trusts, on the left, to what their "
              "signatures reach, on the right.",
              {{"class", "lead"}});
    PutLeftOut(page, report.checks.size(), kMostRows, "signatures");
    PutView(page, "signatures");
  }
  page.Close();
}

void PutRow(Markup& page, std::string_view name, const Share& share,
            std::string_view meaning) {
  page.Open("tr");
  page.Leaf("th", name, {{"scope", "row"}});
  page.Leaf("td",
            share.whole == 0 ? "\u2013" : PercentText(share.part, share.whole),
            {{"class", "number"}});
  page.Leaf("td", meaning);
  page.Close();
}

// "Other bytes than the SBOM says (D04)": codes alone say nothing to a buyer.
std::string CapsOf(const Reconciliation& sbom) {
  std::vector<std::string> caps;
  for (const std::string& code : sbom.scores->capped_by) {
    const auto one = std::find_if(
        sbom.discrepancies.begin(), sbom.discrepancies.end(),
        [&](const Discrepancy& found) { return found.code == code; });
    caps.push_back(one == sbom.discrepancies.end()
                       ? code
                       : fmt::format("{} ({})", HeadingOf(one->kind), code));
  }
  return fmt::format("{}", fmt::join(caps, "; "));
}

void PutScores(Markup& page, const Reconciliation& sbom) {
  const Scores& scores = *sbom.scores;
  page.Open("div", {{"class", "scroll"}});
  page.Open("table", {{"class", "scores"}});
  page.Leaf("caption",
            fmt::format("{} of 100{}", scores.index,
                        scores.capped_by.empty()
                            ? ""
                            : fmt::format(". At most {} because of: {}",
                                          scores.cap, CapsOf(sbom))));
  PutRow(page, "Precision", scores.precision,
         "of the SBOM's claims are confirmed by the content");
  PutRow(page, "Recall", scores.recall,
         "of the programs in the product are explained by the SBOM");
  PutRow(page, "Fidelity", scores.fidelity,
         "of what could be compared (version, digest, maker, licence) agrees");
  PutRow(page, "Coverage", scores.coverage, "of the bytes could be identified");
  page.Close();
  page.Close();
}

void PutDocuments(Markup& page, const Reconciliation& sbom) {
  page.Open("ul", {{"class", "documents"}});
  for (const HeldDocument& held : sbom.documents) {
    page.Open("li");
    page.Code(held.holder);
    page.Text(": ");
    page.Name(fmt::format(
        "{} {}, {}{}", held.document.format, held.document.spec_version,
        CountText(held.document.components.size(), "component"),
        held.embedded ? ", inside the product" : ""));
    page.Close();
  }
  page.Close();
}

void PutSbom(Markup& page, const Report& report) {
  const Reconciliation& sbom = report.reconciliation;
  Open(page, "sbom");
  page.Leaf("p",
            sbom.documents.empty()
                ? "No SBOM came with the product or was found in it."
                : "An SBOM is the maker's claim of what is inside. Here it "
                  "stands against what the bytes show.",
            {{"class", "lead"}});
  PutDocuments(page, sbom);
  if (sbom.scores) {
    PutScores(page, sbom);
  }
  if (!sbom.discrepancies.empty()) {
    page.Leaf("h3", "Differences");
    PutLeftOut(page, sbom.discrepancies.size(), kMostRows, "differences");
    PutView(page, "discrepancies");
  }
  page.Close();
}

std::string CountsOf(const Delta& delta) {
  std::array<std::size_t, 5> counts = {};
  for (const ChangedFile& file : delta.files) {
    ++counts.at(static_cast<std::size_t>(file.change));
  }
  std::string text = fmt::format("{} files are the same", delta.same);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts.at(i) > 0) {
      text += fmt::format(", {} {}", counts.at(i),
                          NameOf(static_cast<FileChange>(i)));
    }
  }
  return text + ".";
}

void PutChanges(Markup& page, const Report& report) {
  Open(page, "changes");
  if (!report.delta) {
    page.Leaf("p", "The release before was not given, so nothing was compared.",
              {{"class", "lead"}});
    page.Close();
    return;
  }
  const Delta& delta = *report.delta;
  page.Open("p", {{"class", "lead"}});
  page.Text("Against ");
  page.Name(delta.previous);
  page.Text(": " + CountsOf(delta));
  page.Close();
  for (const std::string& why : delta.incomplete) {
    page.Open("p", {{"class", "note"}});
    page.Text("Not all of that release was read, so more seems new than is: ");
    page.Name(why);
    page.Close();
  }
  page.Leaf("h3", "What this release does that the one before did not");
  PutView(page, "traits");
  if (delta.light > 0) {
    page.Leaf("p",
              fmt::format("{} of the least weight are only counted.",
                          CountText(delta.light, "further trait")),
              {{"class", "more"}});
  }
  page.Leaf("h3", "Files");
  PutView(page, "files");
  page.Close();
}

void PutNames(Markup& page, std::string_view summary,
              const std::vector<std::string>& names) {
  if (names.empty()) {
    return;
  }
  page.Open("details");
  page.Leaf("summary", fmt::format("{}: {}", summary, names.size()));
  page.Open("ul", {{"class", "names"}});
  const std::size_t shown = std::min(names.size(), kNamesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    page.Open("li");
    page.Code(names[i]);
    page.Close();
  }
  page.Close();
  if (names.size() > shown) {
    page.Leaf("p", fmt::format("and {} more", names.size() - shown));
  }
  page.Close();
}

void PutRules(Markup& page, const Report& report) {
  Open(page, "rules");
  page.Leaf("p",
            fmt::format("{} were evaluated, and {} of them matched. A rule "
                        "that was not evaluated has neither passed nor "
                        "failed.",
                        CountText(report.rules.evaluated, "rule"),
                        report.rules.matched),
            {{"class", "lead"}});
  PutNames(page, "Not evaluated: what they need was not looked for",
           report.rules.not_evaluated);
  PutNames(page, "Disabled by the policy", report.rules.disabled);
  page.Close();
}

void PutExplanations(Markup& page, const Report& report) {
  for (const ExplanationSource& source : report.explanations) {
    PutFact(page, "Explained by",
            fmt::format("{} {}, sha256 {}: {}", source.kind, source.name,
                        source.sha256, source.detail));
  }
}

void PutSettings(Markup& page, const Report& report) {
  Open(page, "settings");
  page.Leaf("p",
            "The same product, tool, rules, policy, limits and time give the "
            "same report, byte for byte, on any machine.",
            {{"class", "lead"}});
  page.Open("dl");
  PutFact(page, "Tool", "assay " + report.tool_version);
  PutFact(page, "Rules", "sha256 " + report.rules_sha256);
  PutFact(page, "Policy",
          report.policy_sha256.empty()
              ? "none"
              : fmt::format("{}, sha256 {}", report.policy_name,
                            report.policy_sha256));
  PutFact(page, "As of", TimeText(report.at));
  PutFact(page, "Confinement", report.confinement);
  PutFact(page, "Reproducible", report.reproducible ? "yes" : "no");
  PutFact(page, "Secrets given",
          fmt::format("{}, {}", CountText(report.keys, "key"),
                      CountText(report.passwords, "password")));
  PutExplanations(page, report);
  for (const auto& [key, value] : LimitValues(report.limits)) {
    PutFact(page, fmt::format("Limit {}", key), fmt::format("{}", value));
  }
  for (const std::string& reason : report.reasons) {
    PutFact(page, "Reason", reason);
  }
  page.Close();
  page.Leaf("h3", "Repeat it");
  page.Leaf("p",
            "Every evidence of a report can be repeated from the product "
            "alone, with the JSON report beside it:");
  page.Open("pre");
  page.Leaf("bdi", fmt::format("assay recheck REPORT.json {}", report.product),
            {{"dir", "ltr"}});
  page.Close();
  page.Close();
}

}  // namespace

void PutSections(Markup& page, const Report& report) {
  PutFindings(page, report);
  PutContent(page, report);
  PutSignatures(page, report);
  PutSbom(page, report);
  PutChanges(page, report);
  Open(page, "norm");
  PutNorm(page, report);
  page.Close();
  PutRules(page, report);
  PutSettings(page, report);
}

}  // namespace assay::report::html
