// What the rules of each family rest on.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/load.h"

namespace assay::engine {

// The kinds of evidence, in order: "E1 bytes", "E2 structure" ...
[[nodiscard]] std::vector<std::string_view> EvidenceTiers();

struct FamilyCoverage {
  std::string family = {};
  std::size_t rules = 0;
  std::vector<std::size_t> by_tier =
      {};                   // rules, in the order of EvidenceTiers
  std::size_t several = 0;  // rules with evidence of two or more kinds
};

// By family.
[[nodiscard]] std::vector<FamilyCoverage> CoverageOf(
    const rules::RuleSet& rules);

}  // namespace assay::engine
