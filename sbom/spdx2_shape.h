// The structure that SPDX 2 asks of a document. Own tables: no package carries
// the official schema.
#pragma once

#include "sbom/read.h"
#include "sbom/tree.h"

namespace assay::sbom {

// Checks a tree that has the shape of SPDX 2 JSON: what must be there, what may
// be there, of which type, and the words of each vocabulary.
[[nodiscard]] SchemaCheck CheckSpdx2(const Tree& tree);

}  // namespace assay::sbom
