// The rules, checked: texts, references, and that every example says what the
// rule says, through the whole pipeline.
#pragma once

#include <string>
#include <vector>

#include "rules/load.h"
#include "verifier/base/result.h"

namespace assay::engine {

struct LintResult {
  std::vector<rules::Problem> problems = {};
  std::size_t rules = 0;
  std::size_t examples = 0;  // run through the pipeline
};

// Lints the built-in rules and those below the folders.
[[nodiscard]] Result<LintResult> LintRules(
    const std::vector<std::string>& folders);

}  // namespace assay::engine
