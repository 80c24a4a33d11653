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

// Whether a file of that name is read: *.yml, and YARA's *.yar and *.yara.
[[nodiscard]] bool IsRuleFile(std::string_view name);

// All rule files below the folder, in order; kUnreadable names the first one
// that cannot be read. Links to folders are not followed.
[[nodiscard]] Result<std::vector<RuleFile>> ReadFolder(
    const std::string& folder);

}  // namespace assay::rules
