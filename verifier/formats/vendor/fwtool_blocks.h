// The blocks behind an OpenWrt image, found from its end.
// Layout: OpenWrt package/system/fwtool/src, fwimage.h and fwtool.c.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::formats {

struct FwtoolTrailer {
  Be32 magic, crc;
  std::uint8_t type = 0;
  std::array<std::uint8_t, 3> padding = {};
  Be32 size;  // of the block, with this trailer
};
static_assert(sizeof(FwtoolTrailer) == 16 && FileStruct<FwtoolTrailer>);

struct FwtoolMetadataHeader {
  Be32 version, flags;
};
static_assert(sizeof(FwtoolMetadataHeader) == 8 &&
              FileStruct<FwtoolMetadataHeader>);

inline constexpr std::uint8_t kFwtoolMetadata = 1;  // 0: a signature

struct FwtoolBlock {
  FwtoolTrailer trailer = {};
  Range content = {};    // without header and trailer
  Range header = {};     // of metadata
  std::uint64_t at = 0;  // of the trailer
};

// All blocks, in the order of the file. What a signature covers are all bytes
// in front of its header.
[[nodiscard]] std::vector<FwtoolBlock> FwtoolBlocksOf(ByteView bytes);
[[nodiscard]] bool EndsWithFwtoolBlock(ByteView bytes);

}  // namespace assay::formats
