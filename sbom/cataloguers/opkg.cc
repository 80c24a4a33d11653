// Installed packages of OpenWrt, OpenEmbedded and their kin, from opkg's
// database. Layout: opkg(1), libopkg/pkg_parse.c and opkg_conf.c.

#include <optional>
#include <utility>

#include "sbom/control_file.h"
#include "sbom/file_list.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "opkg";

std::optional<Rooted> DatabasePlace(std::string_view path) {
  // What Entware installs below opt/ is listed with that folder.
  for (const std::string_view folder :
       {"opt/lib/opkg", "usr/lib/opkg", "var/lib/opkg", "lib/opkg",
        "usr/lib/ipkg"}) {
    if (const auto place = Below(path, folder)) {
      return place;
    }
  }
  return std::nullopt;
}

bool AddList(ComponentEvidence list, std::string package, Observations& into) {
  list.component.name = std::move(package);
  list.cataloguer = kName;
  into.components.push_back(std::move(list));
  return true;
}

// "Conffiles:" of a status: lines of a path and the MD5 it was installed with.
// They are the administrator's to change, so the digest is no expectation.
void AddConffiles(const Stanza& stanza, std::string_view root,
                  Observations& into) {
  ComponentEvidence list{.place = stanza.place, .files_from_root = true};
  list.component.type = kFileListType;
  for (const std::string_view line : SplitLines(stanza.Field("Conffiles"))) {
    std::string path = UnderRoot(root, line.substr(0, line.find(' ')));
    if (!path.empty() && path != root) {
      list.component.files.push_back(std::move(path));
    }
  }
  if (!list.component.files.empty()) {
    (void)AddList(std::move(list), std::string(stanza.Field("Package")), into);
  }
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

bool ReadStatus(std::string_view text, std::string_view root,
                Observations& into) {
  bool any = false;
  for (const Stanza& stanza : ReadStanzas(text)) {
    any = any || !stanza.Field("Package").empty();
    if (IsInstalled(stanza) && Add(stanza, into)) {
      AddConffiles(stanza, root, into);
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
    return ReadStatus(text, place->root, into);
  }
  if (place->rest.substr(0, 5) != "info/") {
    return false;
  }
  const std::string_view file = place->rest.substr(5);
  if (ListedPackage(file, ".control")) {
    return Add(ReadFirstStanza(text), into);
  }
  for (const std::string_view suffix : {".list", ".conffiles"}) {
    if (auto package = ListedPackage(file, suffix)) {
      return AddList(ReadPathList(text, place->root), std::move(*package),
                     into);
    }
  }
  return false;
}

}  // namespace

const Analysis kOpkg = {
    .name = kName,
    .title = "Packages installed according to opkg's database",
    .examine = Examine,
};

}  // namespace assay::sbom
