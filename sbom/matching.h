// Packages of the inventory against components of the documents.
#pragma once

#include <string_view>
#include <vector>

#include "sbom/claims.h"
#include "sbom/packages.h"

namespace assay::sbom {

// "1.0-1+b2" -> "1.0-1": the version of the source a binNMU was built from.
[[nodiscard]] std::string_view WithoutBinNmu(std::string_view version);
// Of the source that a package was built from.
[[nodiscard]] std::string_view SourceVersionOf(const Package& package);

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
