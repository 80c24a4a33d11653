// A release against the one before it: what is new, heaviest first.
#pragma once

#include "verifier/model/delta.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// Compares files by their place: the names inside of the product, without the
// name of what was delivered, which carries the version. Notes a fact "new" at
// every artifact for each of its new traits, so that rules can ask for them.
// `previous` and `previous_sha256` are left to the caller.
[[nodiscard]] Delta CompareReleases(const Survey& before, Survey& now);

}  // namespace assay::engine
