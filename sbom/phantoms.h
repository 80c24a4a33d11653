// Claims that nothing in the product bears out.
#pragma once

#include <vector>

#include "sbom/claims.h"
#include "sbom/packages.h"

namespace assay::sbom {

// kPhantom, and kMissingFile for files, for vendors' SBOMs: claims in scope
// without record, digest or path, neither of their own nor of anything they
// nest; the outermost of each nest. Not looked for: the subject, types that are
// no content of a product (operating-system, device ...), parts of a component
// whose bytes were found, and, when the product is one component of the
// document, all others. A file claimed without a folder may be delivered
// elsewhere and is a phantom only with its component.
[[nodiscard]] std::vector<Discrepancy> FindPhantoms(
    const std::vector<HeldDocument>& documents, const PackageRecords& records,
    const ClaimSet& set);

// Per claim: whether it is one of those that evidence is expected for: what
// has evidence, and what would be called a phantom without any.
[[nodiscard]] std::vector<bool> ClaimsToConfirm(
    const std::vector<HeldDocument>& documents, const PackageRecords& records,
    const ClaimSet& set);

}  // namespace assay::sbom
