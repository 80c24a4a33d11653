// The data that the page's program shows: everything that page one has no
// room for.
#pragma once

#include <cstddef>
#include <string>

#include "verifier/model/report.h"
#include "verifier/report/html/pool.h"

namespace assay::report::html {

// How much of each list a page holds; the rest is counted, and stands in the
// JSON report. Findings come heaviest first, so that the lightest stay out.
inline constexpr std::size_t kMostFindings = 10'000;
inline constexpr std::size_t kMostEvidence = 50;  // of one finding
inline constexpr std::size_t kMostRows = 10'000;  // of any other list
inline constexpr std::size_t kMostArtifacts = 200'000;

// All of it, as JSON for a data block.
[[nodiscard]] std::string DataOf(const Report& report);

// The members "artifacts" and "axes" of the open object.
void PutTree(Pool& pool, const Report& report);

// The SHA-256 of each artifact in the data, in order: 43 characters of base64
// each, or as many dashes for none. Read only where somebody asks.
[[nodiscard]] std::string DigestsOf(const Report& report);

}  // namespace assay::report::html
