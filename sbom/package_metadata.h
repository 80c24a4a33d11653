// Files that package tools keep for themselves, and that no list names.
#pragma once

#include <functional>
#include <string_view>

#include "verifier/model/observations.h"

namespace assay::sbom {

// Whether the artifact needs no owner by the rule of reconcile.h. `recorded`
// says whether a database of the artifact's file system records a package.
[[nodiscard]] bool IsPackageMetadata(
    const Node& node, const std::function<bool(std::string_view)>& recorded);

}  // namespace assay::sbom
