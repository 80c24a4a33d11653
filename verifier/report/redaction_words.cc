#include "verifier/report/redaction_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "verifier/report/layout.h"

namespace assay::report {
namespace {

std::uint64_t CountOf(const Redaction& redaction, std::string_view kind) {
  const auto found = std::find_if(
      redaction.records.begin(), redaction.records.end(),
      [kind](const RedactionRecord& record) { return record.kind == kind; });
  return found == redaction.records.end() ? 0 : found->count;
}

}  // namespace

std::string RedactionText(const Report& report) {
  if (!report.redaction) {
    return "";
  }
  const Redaction& redaction = *report.redaction;
  std::vector<std::string> parts;
  for (auto one = redaction.findings.rbegin(); one != redaction.findings.rend();
       ++one) {
    parts.push_back(
        CountText(one->second, fmt::format("{} finding", NameOf(one->first))));
  }
  const auto add = [&](std::string_view kind, std::string_view one) {
    if (const std::uint64_t count = CountOf(redaction, kind); count > 0) {
      parts.push_back(CountText(count, one));
    }
  };
  add("path", "path");
  if (const std::uint64_t count = CountOf(redaction, "evidence"); count > 0) {
    parts.push_back("the proof of " + CountText(count, "finding"));
  }
  add("mention", "mention");
  return fmt::format(
      "redacted for disclosure ({}): {} taken out; verdict and counts are "
      "those of the original",
      redaction.reason,
      parts.empty() ? "nothing" : fmt::format("{}", fmt::join(parts, ", ")));
}

}  // namespace assay::report
