// The CRC-32 of IEEE 802.3 (zlib's polynomial), as boot and archive formats
// use it. It catches accidents, never an adversary.
#pragma once

#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay {

// `start` is the CRC of the bytes before these.
[[nodiscard]] std::uint32_t Crc32(ByteView bytes, std::uint32_t start = 0);

}  // namespace assay
