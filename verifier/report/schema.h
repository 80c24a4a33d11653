// What the JSON writer and the reader must agree on.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "verifier/base/limits.h"

namespace assay::report {

inline constexpr std::string_view kReportSchema = "assay-report/1";
inline constexpr std::string_view kSignaturesSchema = "assay-signatures/1";
inline constexpr std::string_view kComparisonSchema = "assay-comparison/1";
inline constexpr std::string_view kBundleSchema = "assay-bundle/1";
inline constexpr std::string_view kTreeSchema = "assay-tree/1";

// Every limit under its name in reports and in `--limit KEY=VALUE`.
[[nodiscard]] constexpr auto LimitValues(const Limits& limits) {
  return std::to_array<std::pair<std::string_view, std::uint64_t>>({
      {"depth", limits.depth},
      {"entries", limits.entries},
      {"unpacked", limits.unpacked},
      {"member", limits.member},
      {"ratio", limits.ratio},
      {"ratio_floor", limits.ratio_floor},
      {"name", limits.name},
      {"facts", limits.facts},
      {"memory_per_member", limits.memory_per_member},
  });
}

}  // namespace assay::report
