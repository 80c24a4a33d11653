// What a package database says is there, and is not.
#pragma once

#include <vector>

#include "sbom/claims.h"
#include "sbom/packages.h"
#include "sbom/product_index.h"

namespace assay::sbom {

// kMissingFile: files that a package's list names and the file system lacks,
// one discrepancy per package. Not missed: settings (below etc), manuals,
// documentation and translations, which makers of images leave out, and what
// lies behind a link.
//
// kPhantom: a package with a record alone, of which nothing is there: none of
// its listed files, or, where the database keeps a list for each package
// (dpkg, opkg), no list either, and no file that a vendor's SBOM claims for it.
// A record is a claim like others.
//
// Says nothing about a product that was not read to its end.
[[nodiscard]] std::vector<Discrepancy> FindAbsences(
    const ProductIndex& index, const PackageRecords& records,
    const ClaimSet& set);

}  // namespace assay::sbom
