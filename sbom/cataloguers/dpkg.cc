// Installed packages of Debian and its kin, from dpkg's database.
// Layout: dpkg(1) "FILES", deb822(5); status.d as distroless images keep it.

#include <utility>

#include "sbom/conffiles.h"
#include "sbom/control_file.h"
#include "sbom/file_list.h"
#include "sbom/registry.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "dpkg";

bool AddList(ComponentEvidence list, std::string package, Observations& into) {
  list.component.name = std::move(package);
  list.cataloguer = kName;
  into.components.push_back(std::move(list));
  return true;
}

bool AddDiversions(std::vector<ComponentEvidence> diversions,
                   Observations& into) {
  const bool any = !diversions.empty();
  for (ComponentEvidence& one : diversions) {
    one.cataloguer = kName;
    into.components.push_back(std::move(one));
  }
  return any;
}

// The whole database: what is not "installed" left the disk or never came.
// Files of status.d stand for packages that are there and have no Status.
bool AddPackages(std::string_view text, bool with_status, std::string_view root,
                 Observations& into) {
  bool any = false;
  for (const Stanza& stanza : ReadStanzas(text)) {
    if (stanza.Field("Package").empty() || stanza.Field("Version").empty()) {
      continue;
    }
    any = true;
    if (with_status ? !IsInstalled(stanza)
                    : !stanza.Field("Status").empty() && !IsInstalled(stanza)) {
      continue;
    }
    into.components.push_back({.component = PackageOf(stanza, "deb", "debian"),
                               .cataloguer = kName,
                               .strength = Strength::kUnverified,
                               .place = stanza.place,
                               .files_from_root = true});
    ComponentEvidence settings = ReadConffiles(stanza.Field("Conffiles"), root);
    if (!settings.component.files.empty()) {
      settings.place = stanza.place;
      AddList(std::move(settings), std::string(stanza.Field("Package")), into);
    }
  }
  return any;
}

bool Examine(const Subject& subject, Observations& into) {
  const auto place = Below(subject.artifact.inner_path, "var/lib/dpkg");
  if (!place || subject.content.empty()) {
    return false;
  }
  const std::string_view text = AsText(subject.content);
  if (place->rest == "status") {
    return AddPackages(text, true, place->root, into);
  }
  if (place->rest == "diversions") {
    return AddDiversions(ReadDiversions(text, place->root), into);
  }
  const std::size_t slash = place->rest.find('/');
  if (slash == std::string_view::npos) {
    return false;
  }
  const std::string_view folder = place->rest.substr(0, slash);
  const std::string_view file = place->rest.substr(slash + 1);
  if (folder != "info" && folder != "status.d") {
    return false;
  }
  if (auto package = ListedPackage(file, ".list")) {
    return AddList(ReadPathList(text, place->root), std::move(*package), into);
  }
  if (auto package = ListedPackage(file, ".md5sums")) {
    return AddList(ReadMd5Sums(text, place->root), std::move(*package), into);
  }
  return folder == "status.d" && AddPackages(text, false, place->root, into);
}

}  // namespace

const Analysis kDpkg = {
    .name = kName,
    .title = "Debian packages installed according to dpkg's database",
    .examine = Examine,
};

}  // namespace assay::sbom
