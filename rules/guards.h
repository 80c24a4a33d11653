// Where a pattern can matter, as the conditions of the rules tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"

namespace assay::rules {

// A rule with the pattern fires only on artifacts that have one of these facts,
// paths or patterns.
struct Guard {
  bool open = false;                      // on any artifact
  std::set<std::string> facts = {};       // "elf.import", or "script=python"
  std::set<std::string> globs = {};       // for Artifact::inner_path
  std::set<std::uint32_t> patterns = {};  // smaller than the one guarded

  friend auto operator<=>(const Guard&, const Guard&) = default;
};

// By place of the pattern in RuleSet::patterns.
[[nodiscard]] std::vector<Guard> GuardsOf(const std::vector<Rule>& rules,
                                          std::size_t patterns);

// Whether a kind of fact comes from an artifact's own content, and so is known
// when that is scanned.
[[nodiscard]] bool IsOwnFact(std::string_view kind);

}  // namespace assay::rules
