// One test of one named text, as rule files write it: ">=7.2", "in [a, b]".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/pattern_set.h"
#include "verifier/base/result.h"

namespace assay::rules {

struct Comparison {
  enum class Operator : std::uint8_t {
    kEqual,       // "x" or "==x"
    kNotEqual,    // "!=x"
    kLess,        // "<1"
    kAtMost,      // "<=1"
    kGreater,     // ">1"
    kAtLeast,     // ">=1"
    kIn,          // "in [a, b]", or a YAML list
    kNotIn,       // "not in [a, b]"
    kGlob,        // "glob etc/**"
    kNotGlob,     // "not glob etc/**"
    kMatches,     // "matches ^a+": a regex that may match anywhere
    kNotMatches,  // "not matches ^a+"
  };
  Operator op = Operator::kEqual;
  std::vector<std::string> operands = {};
  // kMatches and kNotMatches: its place in RuleSet::regexes.
  std::uint32_t regex = 0;
};

[[nodiscard]] bool IsRegex(const Comparison& comparison);

// kConfig when the text is no comparison ("in" without a list, "<" before
// something that is no number).
[[nodiscard]] Result<Comparison> ParseComparison(std::string_view text);

// Whether `text` passes. Both sides compare as numbers where both are decimal
// numbers; "<" and its kin are false where one is not. `regexes` holds what
// Comparison::regex points at; null when the comparison is no regex.
[[nodiscard]] bool Holds(const Comparison& comparison, std::string_view text,
                         const PatternSet* regexes);

}  // namespace assay::rules
