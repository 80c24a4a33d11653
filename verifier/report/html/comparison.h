// The page of a comparison: page one needs no program, the lists do.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "verifier/model/comparison.h"
#include "verifier/report/html/frame.h"
#include "verifier/report/html/markup.h"

namespace assay::report::html {

// In the order of the page, which its navigation shows.
inline constexpr std::array<Section, 3> kComparisonSections = {{
    {"changes", "Changes"},
    {"files", "Files"},
    {"settings", "Settings"},
}};

// A change and where it is; null for the product as a whole.
struct PlacedChange {
  const Change* change = nullptr;
  const ChangedPlace* place = nullptr;
};
// All of them, heaviest first. They point into the comparison.
[[nodiscard]] std::vector<PlacedChange> AllChanges(
    const Comparison& comparison);

// The word over the page: "Riskier", "Less risky" ...
[[nodiscard]] std::string_view WordOf(const Comparison& comparison);

void PutComparison(Markup& page, const Comparison& comparison);

// What the page's program shows, as JSON: the heaviest kMostRows changes and
// the first as many files.
[[nodiscard]] std::string DataOf(const Comparison& comparison);

}  // namespace assay::report::html
