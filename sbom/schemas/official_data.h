// What CMake embeds: zstd frames of the schema files.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::sbom {

struct PackedSchema {
  std::string_view name = {};
  ByteView packed = {};
  std::size_t size = 0;  // unpacked, in bytes
};

[[nodiscard]] const std::vector<PackedSchema>& PackedSchemas();

}  // namespace assay::sbom
