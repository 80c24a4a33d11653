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
  std::vector<rules::NotImported> not_imported = {};
  std::size_t rules = 0;
  std::size_t examples = 0;  // run through the pipeline
};

// An example of a user's rule, and whether it comes out as the rule says.
struct TestedExample {
  std::string rule = {};  // its id
  std::string name = {};
  rules::Example::Expect expect = rules::Example::Expect::kMatch;
  std::string file = {};
  rules::Mark mark = {};
  std::string wrong = {};  // "" when it is as expected
};

// Runs the examples of the rules below the folder, and of no others. kConfig
// lists every broken rule; kUnreadable names the folder.
[[nodiscard]] Result<std::vector<TestedExample>> TestRules(
    const std::string& folder);

// Lints the built-in rules and those below the folders.
[[nodiscard]] Result<LintResult> LintRules(
    const std::vector<std::string>& folders);

}  // namespace assay::engine
