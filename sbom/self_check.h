// What a document says against itself, before any look at the product.
#pragma once

#include <vector>

#include "sbom/claims.h"

namespace assay::sbom {

// kSelfContradiction, for vendors' SBOMs: the version of a component against
// those of its package URL and its CPE name, its name against that of its
// package URL, and digests whose length is not that of their algorithm. A CPE
// product is not compared: those names are given by others.
[[nodiscard]] std::vector<Discrepancy> FindSelfContradictions(
    const std::vector<HeldDocument>& documents, const ClaimSet& set);

// kImplausibleContext, for vendors' SBOMs: a document that says it was made
// from the build's result (phase post-build, SPDX "analyzed") and has not one
// digest, or that says "build" and holds packages of language registries alone,
// without a digest or a file, none of which the product shows.
[[nodiscard]] std::vector<Discrepancy> FindImplausible(
    const std::vector<HeldDocument>& documents, const ClaimSet& set);

}  // namespace assay::sbom
