// What `precompile` made, as part of the program.
#pragma once

#include "verifier/base/bytes.h"

namespace assay::cli {

[[nodiscard]] ByteView PrecompiledPatterns();

}  // namespace assay::cli
