// The components of a document as claims that know their parents.
#pragma once

#include "sbom/claims.h"

namespace assay::sbom {

// Claims nest at most this deep; a cycle of parents ends here.
inline constexpr int kMaxNesting = 64;

// Appends the claims of one document, the subject first, with parent, scope
// (what nests in an excluded component is excluded) and has_files set.
void AddClaims(const SbomDocument& document, std::size_t number, ClaimSet& set);

}  // namespace assay::sbom
