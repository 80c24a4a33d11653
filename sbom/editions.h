// Documents inside the product against those that come with it.
#pragma once

#include <vector>

#include "verifier/model/reconciliation.h"

namespace assay::sbom {

// kDocumentMismatch, of a document inside the product and a vendor's:
// - the serial number and version are the same and the components, their
//   digests or their suppliers are not;
// - they are one edition, of which one has a signature and the other has not;
// - both describe a subject of the same name and version, and give different
//   versions of a package or digests of a file. What only one of them lists is
//   no contradiction there.
[[nodiscard]] std::vector<Discrepancy> FindDocumentMismatches(
    const std::vector<HeldDocument>& documents);

}  // namespace assay::sbom
