// CycloneDX XML in the shape of CycloneDX JSON.
#pragma once

#include <string_view>

#include "sbom/tree.h"
#include "verifier/base/result.h"

namespace assay::sbom {

// `xml` as XmlTree gives it. kMalformed when the shapes do not fit a tree.
[[nodiscard]] Result<Tree> CycloneDxShape(const Tree& xml,
                                          std::string_view version);

}  // namespace assay::sbom
