// What all serialisations of SPDX 2 mean.
#pragma once

#include <string_view>
#include <vector>

#include "sbom/tree.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// Reads a tree that has the shape of SPDX 2 JSON. `format` is the document's
// "format": "SPDX tag-value".
[[nodiscard]] SbomDocument ReadSpdx2(const Tree& tree, std::string_view format);

// Whether a document names a version of SPDX 2.
[[nodiscard]] bool IsSpdx2(Value root);

}  // namespace assay::sbom
