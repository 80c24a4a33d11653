// The checksum that Allwinner's boot ROMs want of eGON and TOC0 images.
#pragma once

#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay::formats {

// The sum of all little-endian words of `image`, where the one at `at` counts
// as 0x5F0A6C39. A rest of less than a word is left out.
[[nodiscard]] std::uint32_t SunxiChecksum(ByteView image, std::uint64_t at);

}  // namespace assay::formats
