// Dependencies that the loader needs against those that a document lists.
#pragma once

#include <vector>

#include "sbom/attributes.h"
#include "sbom/claims.h"
#include "sbom/packages.h"

namespace assay::sbom {

struct EdgeCheck {
  Tally edges = {};
  std::vector<Discrepancy> mismatches = {};  // kEdgeMismatch
};

// For each pair of declared packages of which one's programs load the other's
// libraries, where the document calls the first one's dependencies complete
// (CycloneDX compositions, SPDX completeness): it must reach the second,
// directly or through others. One discrepancy per pair.
[[nodiscard]] EdgeCheck CheckEdges(const std::vector<HeldDocument>& documents,
                                   const ProductIndex& index,
                                   const PackageRecords& records,
                                   const ClaimSet& set);

}  // namespace assay::sbom
