// What a .deb or .ipk says about itself: `control` and `md5sums` at the top of
// its control.tar. Layout: deb(5), deb-control(5), md5sums(5).

#include <utility>

#include "sbom/control_file.h"
#include "sbom/file_list.h"
#include "sbom/registry.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kName = "deb_control";

bool ReadControl(std::string_view text, Observations& into) {
  const Stanza stanza = ReadFirstStanza(text);
  for (const std::string_view field : {"Package", "Version", "Architecture"}) {
    if (stanza.Field(field).empty()) {
      return false;
    }
  }
  into.components.push_back({.component = PackageOf(stanza, "deb", "debian"),
                             .cataloguer = kName,
                             .strength = Strength::kUnverified,
                             .place = stanza.place,
                             .files_from_root = false});
  return true;
}

// Its paths are those of the data.tar beside this control.tar. The list names
// no package: it belongs to the `control` beside it.
bool ReadSums(std::string_view text, Observations& into) {
  ComponentEvidence list = ReadMd5Sums(text, "");
  if (list.component.files.empty()) {
    return false;
  }
  list.cataloguer = kName;
  list.files_from_root = false;
  into.components.push_back(std::move(list));
  return true;
}

bool Examine(const Subject& subject, Observations& into) {
  const std::string& path = subject.artifact.inner_path;
  const std::string_view text = AsText(subject.content);
  if (path == "control") {
    return ReadControl(text, into);
  }
  return path == "md5sums" && ReadSums(text, into);
}

}  // namespace

const Analysis kDebControl = {
    .name = kName,
    .title = "The package that a .deb or .ipk says it is",
    .examine = Examine,
};

}  // namespace assay::sbom
