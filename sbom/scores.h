// Weights of discrepancies, and scores of the whole.
#pragma once

#include <vector>

#include "sbom/attributes.h"
#include "sbom/claims.h"
#include "sbom/coverage.h"
#include "sbom/edge_claims.h"
#include "sbom/packages.h"

namespace assay::sbom {

// Sets the code of every discrepancy, and the weight of those that have none
// yet.
void Weigh(const ProductIndex& index, std::vector<Discrepancy>& discrepancies);

// What the parts of the comparison found.
struct Comparisons {
  const AttributeCheck& attributes;
  const EdgeCheck& edges;
  const Coverage& coverage;
};

// Of vendors' SBOMs; nothing when there are none. `result` has documents,
// owners and weighed discrepancies.
[[nodiscard]] std::optional<Scores> ScoresOf(const ProductIndex& index,
                                             const PackageRecords& records,
                                             const ClaimSet& set,
                                             const Comparisons& comparisons,
                                             const Reconciliation& result);

// The index from the shares, and its cap from the discrepancies: at most 40
// with D04, D10, D14 or D15 among them, at most 60 with D07, D11 or D18. What
// is for information caps nothing.
void Conclude(const std::vector<Discrepancy>& discrepancies, Scores& scores);

}  // namespace assay::sbom
