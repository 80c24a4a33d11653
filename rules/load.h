// Rule files into rules. One file, one rule; the file's form is described in
// rules/README.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"
#include "rules/yaml_reader.h"
#include "verifier/base/result.h"

namespace assay::rules {

struct RuleFile {
  std::string name = {};  // below its folder: "hf01_static_credentials/x.yml"
  std::string text = {};
};

// All rules that could be read, and every problem of the others, in order of
// file, line and column.
struct LoadedRules {
  RuleSet rules = {};
  std::vector<Problem> problems = {};
};

// Examples are half of the text; only who runs them needs them.
enum class Examples : bool { kLeftOut, kRead };

// Pure: the same files in any order give the same rules and digest.
[[nodiscard]] LoadedRules ParseRules(std::vector<RuleFile> files,
                                     Examples examples = Examples::kRead);

// All <folder>/**/*.yml. A folder that cannot be read is a problem.
[[nodiscard]] LoadedRules ReadRules(const std::vector<std::string>& folders);

// For a verifier: kConfig with every problem, one a line, unless there is
// none. Rules that are not as they were written must not judge anything.
[[nodiscard]] Result<RuleSet> LoadRules(
    const std::vector<std::string>& folders);

}  // namespace assay::rules
