// The order of versions, as each ecosystem defines it.
#pragma once

#include <string_view>

namespace assay::sbom {

enum class VersionOrder {
  kGeneric,  // dpkg's comparison of the whole text; a leading 'v' is dropped
  kDeb,      // deb-version(7); opkg has the same order
  kSemver,   // semver.org 2.0.0, section 11; missing numbers count as 0
  kPep440,   // packaging.python.org, version specifiers
};

// The order of a package URL type: "deb", "opkg", "npm", "cargo", "pypi" ...
[[nodiscard]] VersionOrder VersionOrderOf(std::string_view purl_type);

// Below 0, 0 or above 0 as `a` is older than, as old as or newer than `b`.
// Text that is no version of the order compares by kGeneric.
[[nodiscard]] int CompareVersions(VersionOrder order, std::string_view a,
                                  std::string_view b);

// Whether two versions differ in no more than the packaging of one upstream
// release: the Debian revision, SemVer's build part, PEP 440's local part.
[[nodiscard]] bool SameUpstream(VersionOrder order, std::string_view a,
                                std::string_view b);

}  // namespace assay::sbom
