// What this version reads, for `assay formats` and the table in README.md.
#pragma once

#include <string_view>
#include <vector>

namespace assay::engine {

struct KnownFormat {
  std::string_view name = {};  // as in reports and rules
  std::string_view title = {};
  // How deep: "members", "payload", "structure only", "recognized" (its
  // extent is known and stays opaque), "signature", "SBOM".
  std::string_view depth = {};
  // What a match proves: "checksum", "structure", "magic", "weak"; "" for
  // what is no container.
  std::string_view proof = {};
  bool anywhere = false;  // looked for at every offset, not only at a start
  std::string_view reference = {};
};

// Containers and executables in the order of detection, then signature
// schemes and SBOM formats.
[[nodiscard]] std::vector<KnownFormat> KnownFormats();

}  // namespace assay::engine
