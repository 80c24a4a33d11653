// From a container's claims to a partition of its bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/model/artifact.h"

namespace assay::unpack {

// Sorts the claims and cuts overlaps (the earlier one in offset keeps its
// bytes), drops what lies outside of [0, size), and gives every gap `rest`.
// The result sums to `size` exactly. Adjacent ranges of one role are joined.
[[nodiscard]] std::vector<StructureRange> Partition(
    std::vector<StructureRange> claims, std::uint64_t size, Structure rest);

// `parts` with the bytes of `over` in the roles that `over` gives them.
// `over` need not be sorted; where two of it overlap, the first keeps its
// bytes.
[[nodiscard]] std::vector<StructureRange> Overlaid(
    const std::vector<StructureRange>& parts, std::vector<StructureRange> over);

// Whether all bytes have one value, and that value is 0x00 or 0xFF.
[[nodiscard]] bool IsFiller(ByteView bytes);

// How many of the first (last) bytes are filler of one value; 0 for runs of
// fewer than 16 bytes, which occur in ordinary content.
[[nodiscard]] std::uint64_t FillerPrefix(ByteView bytes);
[[nodiscard]] std::uint64_t FillerSuffix(ByteView bytes);

}  // namespace assay::unpack
