// Files of a package that the administrator may change, as dpkg's status lists
// them: dpkg's digests of them are none to hold them against.
#pragma once

#include <string>
#include <string_view>

#include "verifier/model/component.h"

namespace assay::sbom {

// Component::type of evidence that is no component of its own but the list of
// such files of the package `name` of the same database.
inline constexpr std::string_view kSettingsListType = "settings-list";

// The field Conffiles, deb822(5): "PATH MD5 [obsolete]" a line. Paths are moved
// under `root`.
[[nodiscard]] ComponentEvidence ReadConffiles(std::string_view field,
                                              std::string_view root);

}  // namespace assay::sbom
