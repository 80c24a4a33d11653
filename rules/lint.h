// What a rule must be to stand in the catalogue: documented, referenced,
// proven by examples, neutral. Every complaint names its cure.
#pragma once

#include <vector>

#include "rules/load.h"

namespace assay::rules {

// The loader's problems and those of the linter, in order of file and place.
// Runs all examples that need no pipeline.
[[nodiscard]] std::vector<Problem> Lint(const LoadedRules& loaded);

}  // namespace assay::rules
