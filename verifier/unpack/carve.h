// Finding formats at any offset of bytes that no format claims as a whole.
#pragma once

#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/format.h"

namespace assay::unpack {

struct CarvedChunk {
  Range range = {};
  const formats::Format* format = nullptr;
};

// The proven, non-overlapping formats inside `bytes`, in order: at each
// offset the stricter format first, and nothing inside a proven one. All
// magics are searched in one pass; a candidate counts only when its `matches`
// and its `measure` agree.
[[nodiscard]] std::vector<CarvedChunk> Carve(ByteView bytes);

}  // namespace assay::unpack
