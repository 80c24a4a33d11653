// Which artifact of a release is which of the one before.
#pragma once

#include <vector>

#include "verifier/model/artifact.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// For each artifact of `now` the one of `before` at the same place, or
// kNoArtifact; no old one stands twice. Places are compared from the product
// down, name by name. Releases carry their version in the names of what they
// deliver, so names that nothing else answers to may differ in their numbers:
// in those of their first folder before those of all.
[[nodiscard]] std::vector<ArtifactId> PairReleases(const Survey& before,
                                                   const Survey& now);
// The same of the artifacts of two reports; artifacts[i].id == i.
[[nodiscard]] std::vector<ArtifactId> PairReleases(
    const std::vector<Artifact>& before, const std::vector<Artifact>& now);

// Pairs files that came with those of the same content that are gone, one by
// one; says for each artifact of `now` whether that was so. A copy of what is
// still there did not move.
[[nodiscard]] std::vector<bool> PairMoved(const Survey& before,
                                          const Survey& now,
                                          std::vector<ArtifactId>& pairs);
[[nodiscard]] std::vector<bool> PairMoved(const std::vector<Artifact>& before,
                                          const std::vector<Artifact>& now,
                                          std::vector<ArtifactId>& pairs);

}  // namespace assay::engine
