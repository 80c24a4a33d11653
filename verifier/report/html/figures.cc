#include "verifier/report/html/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "verifier/report/html/words.h"
#include "verifier/report/layout.h"

namespace assay::report::html {
namespace {

constexpr double kBarWidth = 1000;
constexpr double kLeastWidth = 6;  // a small share still shows

std::string_view StrokeOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass:
      return "M14 25l7 7 14-15";
    case Verdict::kFail:
      return "M16 16l16 16M32 16L16 32";
    case Verdict::kInconclusive:
      return "M18 19a6 6 0 1 1 9 5.2c-2.2 1.3-3 2.4-3 4.8M24 34.5v.2";
  }
  return "";
}

std::vector<double> WidthsOf(const std::vector<LedgerEntry>& entries,
                             std::uint64_t whole) {
  std::vector<double> widths;
  double used = 0;
  for (const LedgerEntry& entry : entries) {
    widths.push_back(
        std::max(kLeastWidth, kBarWidth * static_cast<double>(entry.bytes) /
                                  static_cast<double>(whole)));
    used += widths.back();
  }
  for (double& width : widths) {
    width *= kBarWidth / used;
  }
  return widths;
}

// Largest first: the eye compares beginnings.
std::vector<LedgerEntry> Shares(const LedgerAxis& axis) {
  std::vector<LedgerEntry> entries;
  std::copy_if(axis.entries.begin(), axis.entries.end(),
               std::back_inserter(entries),
               [](const LedgerEntry& entry) { return entry.bytes > 0; });
  std::stable_sort(entries.begin(), entries.end(),
                   [](const LedgerEntry& a, const LedgerEntry& b) {
                     return a.bytes > b.bytes;
                   });
  return entries;
}

}  // namespace

void PutSign(Markup& page, Verdict verdict) {
  page.Open(
      "svg",
      {{"class", "sign"}, {"viewBox", "0 0 48 48"}, {"aria-hidden", "true"}});
  page.Leaf("circle", "", {{"cx", "24"}, {"cy", "24"}, {"r", "24"}});
  page.Leaf("path", "", {{"d", std::string(StrokeOf(verdict))}});
  page.Close();
}

void PutBar(Markup& page, const LedgerAxis& axis, std::uint64_t whole) {
  const std::vector<LedgerEntry> entries = Shares(axis);
  if (entries.empty() || whole == 0) {
    return;
  }
  const std::vector<double> widths = WidthsOf(entries, whole);
  page.Open("svg", {{"class", "bar"},
                    {"viewBox", fmt::format("0 0 {} 12", kBarWidth)},
                    {"preserveAspectRatio", "none"},
                    {"aria-hidden", "true"}});
  double x = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    page.Leaf("rect", "",
              {{"class", std::string(WordsOf(entries[i].category).tone)},
               {"x", fmt::format("{:.1f}", x)},
               {"width", fmt::format("{:.1f}", widths[i])},
               {"height", "12"}});
    x += widths[i];
  }
  page.Close();
  page.Open("ul", {{"class", "legend"}});
  for (const LedgerEntry& entry : entries) {
    const CategoryWords words = WordsOf(entry.category);
    page.Open("li");
    page.Leaf("i", "", {{"class", std::string(words.tone)}});
    page.Text(
        fmt::format("{} {}", words.words, PercentText(entry.bytes, whole)));
    page.Close();
  }
  page.Close();
}

}  // namespace assay::report::html
