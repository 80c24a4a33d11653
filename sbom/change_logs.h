// Package records against the change logs that the packages bring along.
#pragma once

#include <vector>

#include "sbom/packages.h"
#include "sbom/product_index.h"

namespace assay::sbom {

// kVersionMismatch: a record gives a package another version than the newest
// entry of the change log that the package itself installed. The log is of the
// source (Debian Policy 12.7): where a record names its version, it is held
// against that. Another revision of the same upstream version is minor.
[[nodiscard]] std::vector<Discrepancy> HoldAgainstChangeLogs(
    const ProductIndex& index, const PackageRecords& records);

}  // namespace assay::sbom
