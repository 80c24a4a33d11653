// The rules that a run judges by.
#pragma once

#include <string>
#include <vector>

#include "rules/load.h"
#include "rules/rule.h"
#include "verifier/base/result.h"

namespace assay::engine {

enum class Catalogue : bool { kLeftOut, kRead };

// The rule files that LoadCatalogue reads; or only those of the folders.
[[nodiscard]] Result<std::vector<rules::RuleFile>> RuleFiles(
    const std::vector<std::string>& folders,
    Catalogue catalogue = Catalogue::kRead);

// The problems, one a line, with files as the user finds them.
[[nodiscard]] std::string TextOf(std::vector<rules::Problem> problems,
                                 const std::vector<std::string>& folders);

// The built-in rules, which are part of the program, and those below the given
// folders. kConfig lists every broken rule with file, line and column.
[[nodiscard]] Result<rules::RuleSet> LoadCatalogue(
    const std::vector<std::string>& folders);

}  // namespace assay::engine
