#pragma once

#include <string>

namespace assay::engine {

// The version of this program, as `assay --version` and reports name it.
[[nodiscard]] inline std::string Version() {
  return ASSAY_VERSION;
}

}  // namespace assay::engine
