// What kinds of evidence are package records, and which root they speak of.
#pragma once

#include <string_view>

#include "verifier/model/component.h"

namespace assay::sbom {

// Whether evidence is a record of a package that is there. A lock file only
// claims one; a system's name and a banner are signs of a product, no record.
[[nodiscard]] bool IsPackageRecord(const ComponentEvidence& evidence);

// Where the root lies that a record at `path` speaks of: several systems may
// stand in folders of one tree, and what one of them says counts in it alone.
[[nodiscard]] std::string_view RootOf(std::string_view path,
                                      std::string_view cataloguer);

// Whether a path is below etc/ of the tree or of a root in it.
[[nodiscard]] bool IsInEtc(std::string_view path);

}  // namespace assay::sbom
