#include "sbom/record_kinds.h"

#include <algorithm>
#include <array>

#include "sbom/file_list.h"
#include "sbom/packages.h"

namespace assay::sbom {

bool IsPackageRecord(const ComponentEvidence& evidence) {
  constexpr std::array<std::string_view, 7> kSigns = {
      "banners",    "deb_changelog", "library_name", "linux_kernel",
      "os_release", "perl_xs",       "source_paths"};
  return evidence.strength != Strength::kClaim &&
         std::find(kSigns.begin(), kSigns.end(), evidence.cataloguer) ==
             kSigns.end();
}

std::string_view RootOf(std::string_view path, std::string_view cataloguer) {
  if (cataloguer == "python") {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? "" : path.substr(0, slash);
  }
  constexpr std::array<std::string_view, 9> kFolders = {
      "var/lib/dpkg",  "usr/lib/opkg",         "var/lib/opkg",
      "lib/opkg",      "lib/apk/db",           "var/lib/rpm",
      "usr/share/rpm", "usr/lib/sysimage/rpm", "usr/share/doc"};
  for (const std::string_view folder : kFolders) {
    if (const auto place = Below(path, folder)) {
      return place->root;
    }
  }
  return {};
}

bool IsInEtc(std::string_view path) {
  return path.substr(0, 4) == "etc/" ||
         path.find("/etc/") != std::string_view::npos;
}

bool IsDatabase(std::string_view cataloguer) {
  constexpr std::array<std::string_view, 4> kDatabases = {"apk", "dpkg", "opkg",
                                                          "rpm"};
  return std::find(kDatabases.begin(), kDatabases.end(), cataloguer) !=
         kDatabases.end();
}

}  // namespace assay::sbom
