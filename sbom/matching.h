// Packages of the inventory against components of the documents.
#pragma once

#include <vector>

#include "sbom/claims.h"
#include "sbom/packages.h"

namespace assay::sbom {

// Pairs packages and claims of vendors' SBOMs; sets Package::declared_by and
// Claim::has_record. Gives the kVersionMismatch discrepancies.
[[nodiscard]] std::vector<Discrepancy> MatchPackages(
    const std::vector<HeldDocument>& documents, PackageRecords& records,
    ClaimSet& set);

// kUndeclared: packages that no vendor's SBOM declares. They weigh more when
// they bring a setuid program, a start-up entry or a listener.
[[nodiscard]] std::vector<Discrepancy> FindUndeclared(
    const std::vector<HeldDocument>& documents, const ProductIndex& index,
    const PackageRecords& records);

}  // namespace assay::sbom
