// A release against the one before it: what is new, heaviest first.
#pragma once

#include "verifier/model/delta.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// Compares files by their place (engine/release_pairs.h). Notes a fact "new" at
// every artifact for each of its new traits, so that rules can ask for them.
// `previous`, `previous_sha256` and `incomplete` are left to the caller.
[[nodiscard]] Delta CompareReleases(const Survey& before, Survey& now);

}  // namespace assay::engine
