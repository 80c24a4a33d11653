// Who answers for each artifact: the ledger's provenance axis.
#pragma once

#include <vector>

#include "sbom/claims.h"
#include "sbom/packages.h"
#include "sbom/product_index.h"

namespace assay::sbom {

struct Ownership {
  std::vector<Owner> owners = {};             // one per artifact with content
  std::vector<Discrepancy> unexplained = {};  // kUnexplainedFile
};

// An artifact is owned, the first that fits: by the vendor's claim of its
// bytes or path; by the file list of a package, which counts as the vendor's
// claim when that package is declared and the SBOM does not list its files
// itself; by a claim inside the product; or by what owns its container. A
// container whose files are listed one by one does not pass its owner on, and
// one that contradicts the SBOM passes nothing on.
//
// Unexplained files are looked for in containers whose package database lists
// files, and in all file trees when a vendor's SBOM lists files. Only the
// outermost is reported; inside a container that contradicts the SBOM, only
// executables are.
[[nodiscard]] Ownership FindOwners(const ProductIndex& index,
                                   const PackageRecords& records,
                                   const ClaimSet& set);

}  // namespace assay::sbom
