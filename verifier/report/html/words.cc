#include "verifier/report/html/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "verifier/report/layout.h"

namespace assay::report::html {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array<Pair, 20> kFamilies = {{
    {"HF-01", "Built-in credentials"},
    {"HF-02", "Ways around the login"},
    {"HF-03", "Debug interfaces"},
    {"HF-04", "Undeclared network services"},
    {"HF-05", "Commands from outside"},
    {"HF-06", "Unverified updates"},
    {"HF-07", "Actions at installation"},
    {"HF-08", "Steps added to the build"},
    {"HF-09", "Code loaded in place of other code"},
    {"HF-10", "Obscured code"},
    {"HF-11", "Data that leaves the product"},
    {"HF-12", "Switches that stop or erase"},
    {"HF-13", "Weak cryptography"},
    {"HF-14", "Undeclared trust anchors"},
    {"HF-15", "Changed system parts"},
    {"HF-16", "Unexplained content"},
    {"SIGNATURE", "Signatures"},
    {"UNPACK", "Structure of files"},
    {"SBOM", "SBOM against content"},
    {"LIMIT", "Limits of the examination"},
}};

// Good, quiet and notable categories: in the order of the style sheet's tones.
constexpr std::array<CategoryWords, 20> kCategories = {{
    {"content", "content of files", "good"},
    {"member", "handed on to members", "good2"},
    {"metadata", "headers and tables", "good3"},
    {"padding", "filler", "quiet"},
    {"slack", "read by nobody", "warn"},
    {"unknown", "unknown to every format", "alert"},
    {"not-decoded", "could not be decoded", "alert"},
    {"signed", "signed", "good"},
    {"signed-by-digest", "signed through a digest", "good2"},
    {"signed-by-derived-key", "signed by a key from the product", "good3"},
    {"uncovered-inert", "unsigned, and read by nobody", "quiet"},
    {"uncovered-live", "reached by no signature", "alert"},
    {"sbom", "claimed by the SBOM", "good"},
    {"package-record", "owned by a package", "good2"},
    {"container-structure", "structure of containers", "quiet"},
    {"unexplained", "claimed by nobody", "alert"},
    {"parsed", "understood", "good"},
    {"scanned", "searched", "good2"},
    {"opaque", "could not be looked into", "alert"},
    {"", "", "quiet"},
}};

// "a", "a and 1 more reason".
std::string WithMore(std::string text, std::size_t more) {
  return more == 0 ? text
                   : text.append(fmt::format(", and {}",
                                             CountText(more, "more reason")));
}

std::string Quoted(const std::string& name) {
  return name.empty() ? "" : fmt::format(" \u201c{}\u201d", name);
}

// The first reason without its example: what follows "; the first:".
std::string FirstReason(const Report& report) {
  if (report.reasons.empty()) {
    return "no reason was recorded";
  }
  const std::string& reason = report.reasons.front();
  return reason.substr(0, reason.find("; the first:"));
}

}  // namespace

std::string_view TitleOfFamily(std::string_view family) {
  const auto* const found =
      std::find_if(kFamilies.begin(), kFamilies.end(),
                   [&](const Pair& pair) { return pair.first == family; });
  return found == kFamilies.end() ? family : found->second;
}

CategoryWords WordsOf(std::string_view category) {
  const auto* const found = std::find_if(
      kCategories.begin(), kCategories.end(),
      [&](const CategoryWords& row) { return row.category == category; });
  return found == kCategories.end() ? CategoryWords{category, category, "quiet"}
                                    : *found;
}

std::string_view OutcomeOf(Indication indication) {
  switch (indication) {
    case Indication::kTotalPassed:
      return "holds";
    case Indication::kTotalFailed:
      return "does not hold";
    case Indication::kIndeterminate:
      return "undecided";
    case Indication::kNone:
      return "no signature";
    case Indication::kDigestOnly:
      return "checksum only";
    case Indication::kUnsupported:
      return "not supported";
  }
  return "";
}

std::string_view WordOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "Pass";
    case Verdict::kFail:
      return "Fail";
    case Verdict::kInconclusive:
      return "Inconclusive";
  }
  return "";
}

std::string SentenceOf(const Report& report) {
  const std::size_t more =
      report.reasons.empty() ? 0 : report.reasons.size() - 1;
  const std::string policy = Quoted(report.policy_name);
  switch (report.verdict) {
    case Verdict::kPass:
      return fmt::format("Everything that the policy{} asks for holds.",
                         policy);
    case Verdict::kFail:
      return WithMore(fmt::format("It does not meet the policy{}: {}", policy,
                                  FirstReason(report)),
                      more) +
             ".";
    case Verdict::kInconclusive:
      return WithMore("It could not be decided: " + FirstReason(report), more) +
             ".";
  }
  return "";
}

std::string_view AdviceOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "Nothing that was checked speaks against this delivery. What was "
             "not examined stands below.";
    case Verdict::kFail:
      return "Do not put this delivery to use before the vendor has answered "
             "what is listed below. The verdict is about the bytes, not about "
             "anybody's intent.";
    case Verdict::kInconclusive:
      return "This says neither that the delivery is good nor that it is bad: "
             "decide when what is missing has been given.";
  }
  return "";
}

}  // namespace assay::report::html
