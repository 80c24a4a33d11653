// Installed packages of OpenWrt, OpenEmbedded and their kin, from opkg's
// database. Layout: opkg(1), libopkg/pkg_parse.c and opkg_conf.c.

#include <optional>
#include <utility>

#include "sbom/control_file.h"
#include "sbom/file_list.h"
#include "sbom/registry.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "opkg";

std::optional<Rooted> DatabasePlace(std::string_view path) {
  for (const std::string_view folder :
       {"usr/lib/opkg", "var/lib/opkg", "lib/opkg"}) {
    if (const auto place = Below(path, folder)) {
      return place;
    }
  }
  return std::nullopt;
}

bool Add(const Stanza& stanza, Observations& into) {
  if (stanza.Field("Package").empty() || stanza.Field("Version").empty()) {
    return false;
  }
  into.components.push_back({.component = PackageOf(stanza, "opkg", ""),
                             .cataloguer = kName,
                             .strength = Strength::kUnverified,
                             .place = stanza.place,
                             .files_from_root = true});
  return true;
}

bool ReadStatus(std::string_view text, Observations& into) {
  bool any = false;
  for (const Stanza& stanza : ReadStanzas(text)) {
    any = any || !stanza.Field("Package").empty();
    if (IsInstalled(stanza)) {
      (void)Add(stanza, into);
    }
  }
  return any;
}

bool Examine(const Subject& subject, Observations& into) {
  const auto place = DatabasePlace(subject.artifact.inner_path);
  if (!place || subject.content.empty()) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  if (place->rest == "status") {
    return ReadStatus(text, into);
  }
  if (place->rest.substr(0, 5) != "info/") {
    return false;
  }
  const std::string_view file = place->rest.substr(5);
  if (ListedPackage(file, ".control")) {
    return Add(ReadFirstStanza(text), into);
  }
  auto package = ListedPackage(file, ".list");
  if (!package) {
    return false;
  }
  ComponentEvidence list = ReadPathList(text, place->root);
  list.component.name = std::move(*package);
  list.cataloguer = kName;
  into.components.push_back(std::move(list));
  return true;
}

}  // namespace

const Analysis kOpkg = {
    .name = kName,
    .title = "Packages installed according to opkg's database",
    .examine = Examine,
};

}  // namespace assay::sbom
