// The digests of a claim against those of an artifact.
#pragma once

#include <span>
#include <string>

#include "sbom/product_index.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// Those of a claim that are compared: no format knows more algorithms, and what
// else stands there repeats them.
[[nodiscard]] std::span<const Digest> DigestsToCompare(
    const Component& component);

// Whether any algorithm for which both have a digest disagrees, and of the
// first that does "sha256:..." on either side.
struct DigestComparison {
  bool differs = false;
  std::string claimed = {};
  std::string found = {};
};
[[nodiscard]] DigestComparison CompareDigests(const Component& component,
                                              const Artifact& artifact);

// The artifacts with a digest. That of no bytes at all is everybody's: it shows
// nothing, and gives none.
[[nodiscard]] const std::vector<ArtifactId>& ArtifactsWithContent(
    const ProductIndex& index, const Digest& digest);

}  // namespace assay::sbom
