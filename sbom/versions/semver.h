// What NuGet and pub share with SemVer.
#pragma once

#include <string_view>

#include "sbom/versions/orders.h"

namespace assay::sbom::versions {

// SemVer's order with pre-release words compared by `words`.
[[nodiscard]] int CompareSemverWith(CompareFunction words, std::string_view a,
                                    std::string_view b);

}  // namespace assay::sbom::versions
