// NuGet: learn.microsoft.com, "Package versioning", "Version ordering" and
// "Normalized version numbers": up to four numbers, SemVer's pre-releases
// without regard to case, builds ignored.

#include "sbom/versions/scan.h"
#include "sbom/versions/semver.h"

namespace assay::sbom::versions {

int CompareNuget(std::string_view a, std::string_view b) {
  return CompareSemverWith(CompareLowered, a, b);
}

}  // namespace assay::sbom::versions
