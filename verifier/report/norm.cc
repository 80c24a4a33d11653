#include "verifier/report/norm.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>

#include "verifier/report/exchange.h"

namespace assay::report {
namespace {

struct Pack {
  std::string_view id = {};
  std::string_view rules = {};  // how the ids of its rules begin, "" for none
  std::string_view title = {};
  std::string_view asks = {};
  std::string_view paragraphs = {};
  std::string_view why = {};  // it is not evaluated
  bool of_tool = false;
};

constexpr std::string_view kNoRules =
    "this version has no rules that ask for it";

constexpr std::array<Pack, 10> kPacks = {{
    {"NI-1", "NI1-", "Integrity and authenticity",
     "the product is what its maker released, so that users can rely on it",
     "13(i), 56", "", false},
    {"NI-2", "NI2-", "Accountability for content",
     "everything inside is known and listed", "13(i), 56", "", false},
    {"NI-3", "NI3-", "Harmful hidden functions",
     "no function is present that is harmful, hidden and unexplained",
     "13(i), 58", "", false},
    {"NI-4", "NI4-", "Offensive and dual-use content",
     "tools and techniques for attacks do not spread with products", "13(i)",
     kNoRules, false},
    {"NI-5", "NI5-", "Evidence of security by design",
     "security was designed in and is kept up over the life of the product",
     "57(b), 58(a)", kNoRules, false},
    {"NI-6", "NI6-", "Flows of data",
     "data and privacy are protected: what leaves the product is known",
     "58(b)", kNoRules, false},
    {"NI-7", "NI7-", "Handling of vulnerabilities",
     "weaknesses are reported, answered and not exploited", "58(c)", kNoRules,
     false},
    {"NI-8", "NI8-", "Neutrality and evidence",
     "checks are transparent, objective and impartial; what was not looked "
     "into "
     "is said",
     "57(a), 57(c)", "", false},
    {"NI-9", "", "Interoperability",
     "results can be exchanged by common rules and standards", "57(d), 59",
     "answered by the tool's outputs, not by the product", true},
    {"NI-10", "", "Map for certification",
     "findings map to what certification schemes ask", "58(a)",
     "answered by the references of every finding, not by the product", true},
}};

void CountBytes(const Report& report, PackReport& pack) {
  if (pack.id == "NI-1") {
    pack.bytes = SignedBytesOf(report.ledger);
    pack.bytes_are = "reached by a signature";
  } else if (pack.id == "NI-2") {
    pack.bytes = ClaimedBytesOf(report.ledger);
    pack.bytes_are = "claimed by an SBOM or a package record";
  } else if (pack.id == "NI-3") {
    pack.bytes = BytesOf(report.ledger, "examination", {"parsed", "scanned"});
    pack.bytes_are = "looked into";
  }
}

std::uint64_t CountRules(const std::vector<std::string>& ids,
                         std::string_view prefix) {
  return static_cast<std::uint64_t>(std::count_if(
      ids.begin(), ids.end(),
      [&](const std::string& id) { return id.rfind(prefix, 0) == 0; }));
}

void CountFindings(const Report& report, std::string_view prefix,
                   PackReport& pack) {
  std::set<std::string_view> matched;
  for (const Finding& finding : report.findings) {
    if (finding.rule.rfind(prefix, 0) == 0) {
      if (!finding.rule.ends_with(kRedacted)) {
        matched.insert(finding.rule);
      }
      ++(IsLoud(finding) ? pack.findings : pack.notes);
    }
  }
  pack.evaluated = CountRules(report.rules.passed, prefix) + matched.size();
  if (report.redaction) {
    const auto& unnamed = report.redaction->rules;
    const auto found =
        unnamed.find(std::string(prefix.substr(0, prefix.size() - 1)));
    pack.evaluated += found == unnamed.end() ? 0 : found->second;
  }
  pack.not_evaluated = CountRules(report.rules.not_evaluated, prefix);
}

}  // namespace

std::string_view NameOf(PackState state) {
  constexpr std::array<std::string_view, 4> kNames = {
      "evaluated", "partly-evaluated", "not-evaluated", "not-applicable"};
  return kNames.at(static_cast<std::size_t>(state));
}

std::vector<PackReport> NormReport(const Report& report) {
  std::vector<PackReport> packs;
  for (const Pack& pack : kPacks) {
    PackReport out{.id = pack.id,
                   .rules = pack.rules,
                   .title = pack.title,
                   .asks = pack.asks,
                   .paragraphs = pack.paragraphs,
                   .why = pack.why};
    if (!pack.rules.empty()) {
      CountFindings(report, pack.rules, out);
    }
    if (pack.of_tool) {
      out.state = PackState::kNotApplicable;
    } else if (out.evaluated > 0) {
      out.state =
          out.not_evaluated == 0 ? PackState::kEvaluated : PackState::kPartly;
      out.why = {};
    } else if (out.why.empty()) {
      out.why = "none of its rules was asked";
    }
    CountBytes(report, out);
    packs.push_back(out);
  }
  return packs;
}

}  // namespace assay::report
