// LZVN, Apple's LZ77 of bytes for small blocks. Algorithm: the LZFSE
// distribution, lzvn_decode_base.c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "verifier/base/bytes.h"

namespace assay::formats::codecs {

// Decodes up to the end of stream, or until `out` is full; returns how many
// bytes it holds, or nothing when it is damaged.
[[nodiscard]] std::optional<std::size_t> DecodeLzvn(
    ByteView in, std::span<std::uint8_t> out);

}  // namespace assay::formats::codecs
