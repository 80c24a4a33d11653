// Lists of versions held against an order, each pair in both directions.
#pragma once

#include <string_view>
#include <vector>

#include "sbom/versions.h"

namespace assay::sbom {

// Every version is older than all that follow it, and as old as itself.
void ExpectAscending(VersionOrder order,
                     const std::vector<std::string_view>& versions);
// All of them are one version.
void ExpectEqual(VersionOrder order,
                 const std::vector<std::string_view>& versions);

}  // namespace assay::sbom
