// Rules and dossiers for tests, written as rule files.
#pragma once

#include <string>

#include "rules/load.h"

namespace assay::rules::testing {

// A complete, clean rule around `when` (YAML, one line or more); `extra` adds
// keys, for instance "unless: [declared]\n".
[[nodiscard]] std::string RuleText(const std::string& when,
                                   const std::string& extra = "");

// The rules of these texts; fails the test on any problem. Files are named
// hf01_x/a.yml, hf01_x/b.yml ...
[[nodiscard]] RuleSet RulesOf(const std::vector<std::string>& texts);

// The dossier of an example (a YAML map as under `examples`), hits included
// for patterns of `rules`.
[[nodiscard]] Dossier DossierOf(const RuleSet& rules,
                                const std::string& example);

}  // namespace assay::rules::testing
