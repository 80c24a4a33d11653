// Files that package tools keep for themselves, and that no list names.
#pragma once

#include <functional>
#include <string_view>

#include "verifier/model/observations.h"

namespace assay::sbom {

// Whether the database at `root` of the artifact's file system records a
// package.
using IsRecorded =
    std::function<bool(std::string_view root, std::string_view name)>;

// Whether the artifact needs no owner by the rule of reconcile.h.
[[nodiscard]] bool IsPackageMetadata(const Node& node,
                                     const IsRecorded& recorded);

}  // namespace assay::sbom
