// Microsoft's XPRESS (LZ77 with Huffman) and LZX, as WIM keeps them: every
// chunk by itself, with no state from the one before. Layouts: MS-XCA section
// 2.1; MS-PATCH section 2, with the changes that WIM makes.
#pragma once

#include <span>

#include "verifier/base/bytes.h"

namespace assay::formats::codecs {

// Fill `out`, whose size the container states; false when the chunk is damaged
// or does not hold exactly so much.
[[nodiscard]] bool DecodeXpress(ByteView in, std::span<std::uint8_t> out);
// The window is as large as the container's chunks: 2^15 to 2^21 bytes.
[[nodiscard]] bool DecodeLzx(ByteView in, unsigned window_log,
                             std::span<std::uint8_t> out);

}  // namespace assay::formats::codecs
