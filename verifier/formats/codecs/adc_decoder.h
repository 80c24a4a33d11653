// Apple Data Compression, an LZ77 of bytes with a window of 64 KiB. Layout:
// newosxbook.com/DMG.html, "ADC"; dmg2img, adc.c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "verifier/base/bytes.h"

namespace assay::formats::codecs {

// Decodes all of `in`; returns how many bytes it holds, or nothing when it is
// damaged or holds more than `out`.
[[nodiscard]] std::optional<std::size_t> DecodeAdc(ByteView in,
                                                   std::span<std::uint8_t> out);

}  // namespace assay::formats::codecs
