// Compressed firmware content at rest, as streams: LZMA whose size is known, as
// UEFI and coreboot keep it, and Brotli.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "verifier/base/byte_stream.h"
#include "verifier/base/bytes.h"

namespace assay::formats {

// The 13-byte header of an .lzma file, which says the size (LZMA SDK,
// lzma.txt, section "LZMA compressed file format").
struct LzmaHeader {
  std::uint8_t properties = 0;
  Le32 dictionary;
  Le64 size;
};
static_assert(sizeof(LzmaHeader) == 13 && FileStruct<LzmaHeader>);

// The header that `bytes` begin with, if it is plausible and states a size.
[[nodiscard]] std::optional<LzmaHeader> LzmaHeaderOf(ByteView bytes);

// Decodes what follows such a header. `packed` outlives the stream. With
// `x86`, addresses of calls and jumps are put back as the BCJ filter does.
[[nodiscard]] std::unique_ptr<ByteStream> OpenLzma(ByteView packed, bool x86);

// Decodes one Brotli stream (RFC 7932), of which `packed` holds all.
[[nodiscard]] std::unique_ptr<ByteStream> OpenBrotli(ByteView packed);

}  // namespace assay::formats
