// Finding formats at any offset of bytes that no format claims as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/format.h"

namespace assay::unpack {

// Smaller content holds no format worth looking for.
inline constexpr std::uint64_t kSmallestCarved = 64;

struct CarvedChunk {
  Range range = {};
  const formats::Format* format = nullptr;
  // Its bytes overlap an earlier chunk's: both readings are proven, and a
  // device may follow either.
  bool conflicting = false;
};

struct Carving {
  // By offset. Without the conflicting ones they do not overlap.
  std::vector<CarvedChunk> chunks = {};
  // From here on candidates were no longer tried: a hostile image can hold a
  // magic at every offset, so the number of proofs is bounded by its size.
  std::optional<std::uint64_t> gave_up_at = {};
};

// The proven formats inside `bytes`: at each offset the better proven format
// first. All magics are searched in one pass; a candidate counts only when its
// `matches` and its `measure` agree. What lies wholly inside a chunk is left
// to whoever unpacks it; what begins inside and goes on behind it, into bytes
// that nothing else explains, is a conflicting chunk.
[[nodiscard]] Carving Carve(ByteView bytes);

}  // namespace assay::unpack
