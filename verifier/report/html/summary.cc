#include "verifier/report/html/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "verifier/report/exchange.h"
#include "verifier/report/html/asks.h"
#include "verifier/report/html/figures.h"
#include "verifier/report/html/pieces.h"
#include "verifier/report/html/words.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/redaction_words.h"

namespace assay::report::html {
namespace {

constexpr std::size_t kAsks = 5;
constexpr std::size_t kReasonsShown = 6;
constexpr std::size_t kUnseenShown = 5;
constexpr std::size_t kShortDigest = 16;

// Bytes that a format knows and that were read, of Ledger::leaf_bytes. The same
// bytes may be unknown and opaque, so no sum of the ledger's axes says it;
// every content counts once, as on the ledger.
std::uint64_t ExplainedOf(const Report& report) {
  std::set<std::string> told;
  std::uint64_t dark = BytesOf(report.ledger, "structure", {"not-decoded"});
  for (const Artifact& artifact : report.artifacts) {
    if (!artifact.has_content ||
        (!artifact.redacted && !told.insert(artifact.sha256()).second)) {
      continue;
    }
    for (const StructureRange& part : artifact.structure) {
      const bool counts = artifact.examination == Examination::kOpaque
                              ? part.role != Structure::kMember
                              : part.role == Structure::kUnknown ||
                                    part.role == Structure::kSlack;
      dark += counts ? part.range.length : 0;
    }
  }
  return report.ledger.leaf_bytes - std::min(dark, report.ledger.leaf_bytes);
}

void PutReasons(Markup& page, const Report& report) {
  page.Leaf("h2", "Why", {{"class", "quiet-heading"}});
  page.Open("ul", {{"class", "reasons"}});
  const std::size_t shown = std::min(report.reasons.size(), kReasonsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    page.Open("li");
    page.Name(report.reasons[i]);
    page.Close();
  }
  page.Close();
  PutOmitted(page, report.reasons.size() - shown, "under Settings");
}

void PutVerdict(Markup& page, const Report& report) {
  page.Open("section",
            {{"class", fmt::format("verdict {}", NameOf(report.verdict))},
             {"aria-labelledby", "verdict"}});
  page.Open("div", {{"class", "word"}});
  PutSign(page, report.verdict);
  page.Open("h1", {{"id", "verdict"}});
  page.Leaf("span", WordOf(report.verdict));
  page.Open("small");
  page.Name(report.product);
  page.Close();
  page.Close();
  page.Close();
  if (report.redaction) {
    page.Open("p", {{"class", "redaction"}});
    page.Name(RedactionText(report));
    page.Close();
  }
  page.Leaf("p", SentenceOf(report), {{"class", "why"}});
  page.Leaf("p", AdviceOf(report.verdict));
  if (report.verdict != Verdict::kPass || report.reasons.size() > 1) {
    PutReasons(page, report);
  }
  page.Close();
}

std::string FindingWords(const Report& report) {
  std::string words;
  constexpr std::array kOrder = {Severity::kCritical, Severity::kHigh,
                                 Severity::kMedium, Severity::kLow};
  for (const Severity severity : kOrder) {
    const auto count =
        std::count_if(report.findings.begin(), report.findings.end(),
                      [severity](const Finding& finding) {
                        return IsLoud(finding) && finding.severity == severity;
                      });
    if (count > 0) {
      words += fmt::format("{}{} {}", words.empty() ? "" : ", ", count,
                           NameOf(severity));
    }
  }
  return words.empty() ? "findings that weigh" : "findings: " + words;
}

// "0 of 4025 hold" would say of good signatures that they are bad, where nobody
// was named to trust.
void PutSignatureTile(Markup& page, const Report& report) {
  const auto count = [&](Indication indication) {
    return std::count_if(report.checks.begin(), report.checks.end(),
                         [&](const SignatureCheck& check) {
                           return check.indication == indication;
                         });
  };
  const auto good = count(Indication::kTotalPassed);
  const auto bad = count(Indication::kTotalFailed);
  const std::size_t all = report.checks.size();
  if (report.policy_sha256.empty() && good == 0 && all > 0) {
    PutTile(page, "signatures", fmt::format("{}", all),
            fmt::format("{}, {} broken; no policy says whose count",
                        all == 1 ? "signature" : "signatures", bad));
  } else {
    PutTile(page, "signatures", fmt::format("{} of {}", good, all),
            "signatures hold");
  }
}

void PutTiles(Markup& page, const Report& report) {
  const auto loud =
      std::count_if(report.findings.begin(), report.findings.end(), IsLoud);
  const Reconciliation& sbom = report.reconciliation;
  page.Open("ul", {{"class", "tiles"}, {"aria-label", "At a glance"}});
  PutTile(page, "findings", fmt::format("{}", loud), FindingWords(report));
  PutSignatureTile(page, report);
  if (sbom.documents.empty()) {
    PutTile(page, "sbom", "none", "no parts list (SBOM) came with the product");
  } else if (sbom.scores) {
    PutTile(page, "sbom", fmt::format("{}/100", sbom.scores->index),
            fmt::format("parts list (SBOM) against content, {}",
                        CountText(sbom.discrepancies.size(), "difference")));
  } else {
    PutTile(page, "sbom", fmt::format("{}", sbom.discrepancies.size()),
            "differences between parts list (SBOM) and content");
  }
  PutTile(page, "content",
          PercentText(ExplainedOf(report), report.ledger.leaf_bytes),
          "of the bytes explained");
  page.Close();
}

void PutAsk(Markup& page, const Ask& ask) {
  page.Open("li");
  page.Open("p", {{"class", "about"}});
  page.Leaf("span", ask.weight,
            {{"class", fmt::format("badge {}", ask.weight)}});
  page.Text(" ");
  if (ask.finding.empty()) {
    page.Name(ask.about);
  } else {
    page.Open("a", {{"href", fmt::format("#{}", ask.finding)}});
    page.Name(ask.about);
    page.Close();
  }
  page.Close();
  if (!ask.place.empty()) {
    page.Open("p", {{"class", "place"}});
    page.Code(ask.place);
    if (ask.more > 0) {
      page.Text(fmt::format(" and {}", CountText(ask.more, "more place")));
    }
    page.Close();
  }
  page.Open("p", {{"class", "request"}});
  page.Leaf("b", "Ask: ");
  page.Name(ask.request);
  page.Close();
  page.Close();
}

void PutAsks(Markup& page, const Report& report) {
  page.Open("section", {{"class", "asks"}, {"aria-labelledby", "asks"}});
  page.Leaf("h2", "What to ask the vendor", {{"id", "asks"}});
  if (report.policy_sha256.empty()) {
    page.Leaf("p",
              "First choose whom to trust and what to demand: without a "
              "policy nothing can pass.",
              {{"class", "first"}});
  }
  const std::vector<Ask> asks = AsksOf(report, kAsks);
  if (asks.empty()) {
    page.Leaf("p", "Nothing. Keep this report with the delivery.",
              {{"class", "first"}});
  } else {
    page.Open("ol");
    for (const Ask& ask : asks) {
      PutAsk(page, ask);
    }
    page.Close();
  }
  page.Close();
}

std::string PolicyText(const Report& report) {
  if (report.policy_sha256.empty()) {
    return "none: nobody is trusted";
  }
  return fmt::format("{} (sha256 {}\u2026), {}", report.policy_name,
                     report.policy_sha256.substr(0, kShortDigest),
                     report.policy_signer.empty()
                         ? "its own signature not asked for"
                         : "signed by " + report.policy_signer);
}

// Whose signatures hold, and that others do not.
std::string SignerText(const Report& report) {
  std::string names;
  std::size_t good = 0;
  for (const SignatureCheck& check : report.checks) {
    const std::string& name =
        check.anchor.empty() ? check.signer : check.anchor;
    if (check.indication != Indication::kTotalPassed) {
      continue;
    }
    ++good;
    if (!name.empty() && names.find(name) == std::string::npos) {
      names += (names.empty() ? "" : ", ") + name;
    }
  }
  if (names.empty()) {
    return report.policy_sha256.empty() ? "not judged: no policy was given"
                                        : "nobody whom the policy trusts";
  }
  return good == report.checks.size()
             ? names
             : fmt::format("{}; {} of {} signatures hold", names, good,
                           report.checks.size());
}

void PutFacts(Markup& page, const Report& report) {
  page.Open("section", {{"class", "facts"}, {"aria-labelledby", "facts"}});
  page.Leaf("h2", "What was verified", {{"id", "facts"}});
  page.Open("dl");
  PutFact(page, "Product", report.product);
  PutFact(page, "SHA-256", report.product_sha256, true);
  PutFact(page, "Size",
          fmt::format("{} ({} bytes), {}", SizeText(report.product_size),
                      report.product_size,
                      CountText(report.artifacts.size(), "part")));
  PutFact(page, "Signed by", SignerText(report));
  PutFact(page, "Policy", PolicyText(report));
  PutFact(page, "As of", TimeText(report.at));
  if (report.delta) {
    PutFact(page, "Compared with", report.delta->previous);
  }
  page.Close();
  if (!report.reproducible) {
    page.Leaf("p",
              "The run was stopped by a clock or by hand: another run may say "
              "something else.",
              {{"class", "note"}});
  }
  if (report.confinement == kNotConfined) {
    page.Leaf("p", "The product was read without confinement.",
              {{"class", "note"}});
  }
  page.Close();
}

std::string_view QuestionOf(std::string_view axis) {
  if (axis == "structure") {
    return "What are the bytes?";
  }
  if (axis == "authenticity") {
    return "Who signed them?";
  }
  if (axis == "provenance") {
    return "Who says where they come from?";
  }
  return axis == "examination" ? "Were they looked into?" : axis;
}

void PutCoverage(Markup& page, const Report& report) {
  const Ledger& ledger = report.ledger;
  page.Open("section",
            {{"class", "coverage"}, {"aria-labelledby", "coverage"}});
  page.Leaf("h2",
            fmt::format("{} of bytes explained",
                        PercentText(ExplainedOf(report), ledger.leaf_bytes)),
            {{"id", "coverage"}});
  page.Leaf("p", fmt::format("All {} that the product unpacks to, counted "
                             "once, on four questions:",
                             SizeText(ledger.leaf_bytes)));
  for (const LedgerAxis& axis : ledger.headline) {
    page.Open("div", {{"class", "axis"}});
    page.Leaf("h3", QuestionOf(axis.name));
    PutBar(page, axis, ledger.leaf_bytes);
    page.Close();
  }
  page.Close();
}

void PutUnseen(Markup& page, const Report& report) {
  page.Open("section", {{"class", "unseen"}, {"aria-labelledby", "unseen"}});
  page.Leaf("h2", "What was not examined", {{"id", "unseen"}});
  if (report.not_examined.empty() && report.rules.not_evaluated.empty()) {
    page.Leaf("p", "Nothing was left out.", {{"class", "first"}});
    page.Close();
    return;
  }
  page.Open("ul");
  const std::size_t shown = std::min(report.not_examined.size(), kUnseenShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const NotExamined& part = report.not_examined[i];
    page.Open("li");
    page.Code(part.path);
    page.Text(fmt::format(" {}: ", PlaceText(part.range)));
    page.Name(part.reason);
    page.Close();
  }
  if (!report.rules.not_evaluated.empty()) {
    page.Leaf("li", fmt::format(
                        "{} could not be asked (see Rules)",
                        CountText(report.rules.not_evaluated.size(), "rule")));
  }
  page.Close();
  PutOmitted(page, report.not_examined.size() - shown, "under Content");
  page.Close();
}

}  // namespace

void PutSummary(Markup& page, const Report& report) {
  PutVerdict(page, report);
  PutTiles(page, report);
  page.Open("div", {{"class", "columns"}});
  PutAsks(page, report);
  page.Open("div");
  PutFacts(page, report);
  PutUnseen(page, report);
  page.Close();
  page.Close();
  PutCoverage(page, report);
}

}  // namespace assay::report::html
