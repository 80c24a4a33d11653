// What all serialisations of CycloneDX mean.
#pragma once

#include <string_view>

#include "sbom/tree.h"
#include "verifier/model/component.h"

namespace assay::sbom {

// Reads a tree that has the shape of CycloneDX JSON. `format` is the
// document's "format": "CycloneDX XML".
[[nodiscard]] SbomDocument ReadCycloneDx(const Tree& tree,
                                         std::string_view format);

// Whether this is one of the published versions, "1.0" to "1.7".
[[nodiscard]] bool IsCycloneDxVersion(std::string_view version);

}  // namespace assay::sbom
