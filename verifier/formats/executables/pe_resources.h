// The resource tree of a PE image: types, names, languages, and the data that
// icons, manifests, version records and packed files are.
// Layout: Microsoft's "PE Format", section "The .rsrc Section".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/formats/executables/pe_view.h"

namespace assay::formats {

struct PeResource {
  std::string path = {};  // "RCDATA/SETUP/1033"
  Range data = {};        // in the file; may lie outside of it
};

struct PeResources {
  // The tree below the image's resource directory. Never more entries than
  // fit side by side in the bytes from its start on.
  [[nodiscard]] static PeResources Of(const PeView& view);

  std::vector<Range> tables = {};  // directories, names, data entries
  std::vector<PeResource> resources = {};
  std::vector<std::string> problems = {};  // one line each
};

}  // namespace assay::formats
