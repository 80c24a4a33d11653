#include "sbom/conffiles.h"

#include <utility>

#include "sbom/file_list.h"
#include "verifier/base/text.h"

namespace assay::sbom {

ComponentEvidence ReadConffiles(std::string_view field, std::string_view root) {
  ComponentEvidence list{.files_from_root = true};
  list.component.type = kSettingsListType;
  for (const std::string_view line : SplitLines(field)) {
    std::string path = UnderRoot(root, line.substr(0, line.find(' ')));
    if (!path.empty() && path != root) {
      list.component.files.push_back(std::move(path));
    }
  }
  return list;
}

}  // namespace assay::sbom
