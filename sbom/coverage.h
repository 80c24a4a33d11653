// What could not be looked into, and what is newer than the SBOM.
#pragma once

#include <vector>

#include "sbom/product_index.h"
#include "verifier/model/reconciliation.h"

namespace assay::sbom {

struct Coverage {
  Share bytes = {};  // of the leaves and of what no format claims
  std::vector<Discrepancy> opaque = {};  // kOpaqueRegion, with their weight
};

// Opaque artifacts of at least 512 bytes: encrypted, unsupported, damaged or
// over a limit. No statement about their content can be checked.
[[nodiscard]] Coverage MeasureCoverage(const ProductIndex& index);

// kWrongSubject: for each vendor's SBOM with a time, the newest file inside a
// container that was changed more than two days (time zones, slow builds) after
// it. Files of a delivery folder have the time of their download.
[[nodiscard]] std::vector<Discrepancy> FindNewerThanDocument(
    const std::vector<HeldDocument>& documents, const ProductIndex& index);

}  // namespace assay::sbom
