// Which artifact of a release is which of the one before.
#pragma once

#include <vector>

#include "verifier/model/survey.h"

namespace assay::engine {

// For each artifact of `now` the one of `before` at the same place, or
// kNoArtifact; no old one stands twice. Places are compared from the product
// down, name by name. Releases carry their version in the names of what they
// deliver, so names that nothing else answers to may differ in their numbers:
// in those of their first folder before those of all.
[[nodiscard]] std::vector<ArtifactId> PairReleases(const Survey& before,
                                                   const Survey& now);

}  // namespace assay::engine
