// What NSIS packs its blocks with: deflate without a frame, LZMA behind its
// five bytes of properties (and one that says whether calls were filtered), and
// a bzip2 of its own. Formats: Source/exehead of NSIS 3.08.
#pragma once

#include <cstdint>
#include <memory>

#include "verifier/base/byte_stream.h"

namespace assay::formats::nsis {

enum class Packing : std::uint8_t {
  kNone,
  kDeflate,
  kLzma,
  kFilteredLzma,
  kBzip2
};

// What `bytes` are packed with, as far as their start says; deflate has no
// mark and is what is left.
[[nodiscard]] Packing PackingOf(ByteView bytes);

// The content of what is packed at the start of `packed`, which outlives the
// stream.
[[nodiscard]] std::unique_ptr<ByteStream> Unpacked(Packing packing,
                                                   ByteView packed);

}  // namespace assay::formats::nsis
