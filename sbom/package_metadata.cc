#include "sbom/package_metadata.h"

#include <algorithm>
#include <array>

#include "sbom/file_list.h"
#include "sbom/product_index.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Tables of dpkg and opkg, and folders that hold nothing but such.
constexpr std::array<std::string_view, 13> kTables = {
    "status",     "status-old",     "available",     "available-old",
    "diversions", "diversions-old", "statoverride",  "statoverride-old",
    "arch",       "lock",           "lock-frontend", "cmethopt",
    "info/format"};
constexpr std::array<std::string_view, 6> kApkTables = {
    "installed",      "installed.new", "scripts.tar",
    "scripts.tar.gz", "triggers",      "lock"};
constexpr std::array<std::string_view, 3> kRpmFolders = {
    "var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"};
constexpr std::array<std::string_view, 2> kTableFolders = {"alternatives/",
                                                           "triggers/"};

bool IsTable(std::string_view rest) {
  return std::find(kTables.begin(), kTables.end(), rest) != kTables.end() ||
         std::any_of(kTableFolders.begin(), kTableFolders.end(),
                     [&](std::string_view folder) {
                       return rest.substr(0, folder.size()) == folder;
                     });
}

// The databases of apk and rpm are their tables and nothing else.
bool IsOtherDatabase(std::string_view path) {
  const auto apk = Below(path, "lib/apk/db");
  if (apk && std::find(kApkTables.begin(), kApkTables.end(), apk->rest) !=
                 kApkTables.end()) {
    return true;
  }
  return std::any_of(
      kRpmFolders.begin(), kRpmFolders.end(), [&](std::string_view folder) {
        const auto place = Below(path, folder);
        return place && place->rest.find('/') == std::string_view::npos;
      });
}

// Evidence that somebody wrote down; a banner is the content itself.
bool BearsRecord(const Observations& seen) {
  return !seen.documents.empty() ||
         std::any_of(seen.components.begin(), seen.components.end(),
                     [](const ComponentEvidence& one) {
                       return one.cataloguer != "banners";
                     });
}

template <std::size_t kCount>
bool EndsWithOneOf(std::string_view text,
                   const std::array<std::string_view, kCount>& ends) {
  return std::find(ends.begin(), ends.end(),
                   text.substr(std::min(text.rfind('.'), text.size()))) !=
         ends.end();
}

// What dpkg and opkg run; OpenWrt keeps a package's own beside its wrapper.
bool IsMaintainerScript(std::string_view path) {
  constexpr std::array<std::string_view, 9> kScripts = {
      ".preinst",      ".postinst",  ".prerm",       ".postrm",    ".config",
      ".postinst-pkg", ".prerm-pkg", ".preinst-pkg", ".postrm-pkg"};
  return EndsWithOneOf(path, kScripts);
}

bool IsScript(const Observations& seen) {
  return std::any_of(seen.facts.begin(), seen.facts.end(),
                     [](const Fact& fact) { return fact.kind == "script"; });
}

// "info/NAME[:ARCH].SUFFIX" -> NAME, "" for anything else, and for a suffix
// that means nothing to dpkg and opkg.
std::string_view PackageOfInfoFile(std::string_view rest) {
  constexpr std::string_view kInfo = "info/";
  constexpr std::array<std::string_view, 10> kSuffixes = {
      ".list",    ".md5sums",  ".conffiles", ".templates",     ".shlibs",
      ".symbols", ".triggers", ".control",   ".isinstallable", ".menutest"};
  if (rest.substr(0, kInfo.size()) != kInfo ||
      (!EndsWithOneOf(rest, kSuffixes) && !IsMaintainerScript(rest))) {
    return {};
  }
  const std::string_view file = rest.substr(kInfo.size());
  const std::string_view stem = file.substr(0, file.rfind('.'));
  return stem.substr(0, stem.find(':'));
}

}  // namespace

bool IsPackageMetadata(const Node& node, const IsRecorded& recorded) {
  const Artifact& artifact = node.artifact;
  const std::string_view path = artifact.inner_path;
  if (!IsExecutable(artifact) &&
      (BearsRecord(node.seen) || IsOtherDatabase(path))) {
    return true;
  }
  for (const std::string_view folder :
       {"var/lib/dpkg", "usr/lib/opkg", "var/lib/opkg", "lib/opkg"}) {
    const auto place = Below(path, folder);
    // Scripts of a recorded package may be executable, programs never.
    if (place && artifact.format != "elf" && artifact.format != "pe") {
      const std::string_view package = PackageOfInfoFile(place->rest);
      if (!package.empty() && recorded(place->root, package)) {
        return IsMaintainerScript(place->rest) || !IsExecutable(artifact);
      }
      return IsTable(place->rest) && !IsExecutable(artifact) &&
             !IsScript(node.seen) &&
             artifact.examination != Examination::kOpaque;
    }
  }
  const auto doc = Below(path, "usr/share/doc");
  const auto steps = Split(doc ? doc->rest : std::string_view(), '/');
  return steps.size() == 2 && steps[1] == "copyright" &&
         recorded(doc->root, steps[0]) && !IsExecutable(artifact);
}

}  // namespace assay::sbom
