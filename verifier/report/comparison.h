// Two products side by side, as people and machines read it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/comparison.h"
#include "verifier/report/writer.h"

namespace assay::report {

// Pure functions; valid UTF-8 without control characters of the products.
[[nodiscard]] std::string ComparisonText(const Comparison& comparison,
                                         const Style& style);
// assay-comparison/1, with the words of assay-report/1.
[[nodiscard]] std::string ComparisonJson(const Comparison& comparison,
                                         const Style& style);
// One self-contained page for people.
[[nodiscard]] std::string ComparisonHtml(const Comparison& comparison,
                                         const Style& style);
// SARIF 2.1.0, the older product being the baseline.
[[nodiscard]] std::string ComparisonSarif(const Comparison& comparison,
                                          const Style& style);

}  // namespace assay::report
