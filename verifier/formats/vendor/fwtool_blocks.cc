#include "verifier/formats/vendor/fwtool_blocks.h"

#include <algorithm>
#include <optional>

namespace assay::formats {
namespace {

constexpr std::uint32_t kTrailerMagic = 0x46577830;  // "FWx0"
constexpr std::size_t kMaxBlocks = 64;

// The block whose trailer ends at `end`.
std::optional<FwtoolBlock> BlockBefore(ByteView bytes, std::uint64_t end) {
  if (end < sizeof(FwtoolTrailer)) {
    return std::nullopt;
  }
  const std::uint64_t at = end - sizeof(FwtoolTrailer);
  const auto trailer = ReadAt<FwtoolTrailer>(bytes, at);
  if (!trailer || trailer->magic != kTrailerMagic ||
      trailer->type > kFwtoolMetadata ||
      !std::ranges::all_of(trailer->padding,
                           [](std::uint8_t byte) { return byte == 0; }) ||
      trailer->size > end) {
    return std::nullopt;
  }
  const std::uint64_t header =
      trailer->type == kFwtoolMetadata ? sizeof(FwtoolMetadataHeader) : 0;
  if (trailer->size < sizeof(FwtoolTrailer) + header) {
    return std::nullopt;
  }
  const std::uint64_t start = end - trailer->size;
  return FwtoolBlock{.trailer = *trailer,
                     .content = {start + header, at - start - header},
                     .header = {start, header},
                     .at = at};
}

}  // namespace

std::vector<FwtoolBlock> FwtoolBlocksOf(ByteView bytes) {
  std::vector<FwtoolBlock> blocks;
  std::uint64_t end = bytes.size();
  while (blocks.size() < kMaxBlocks) {
    const auto block = BlockBefore(bytes, end);
    if (!block) {
      break;
    }
    blocks.push_back(*block);
    end = block->header.offset;
  }
  std::reverse(blocks.begin(), blocks.end());
  return blocks;
}

bool EndsWithFwtoolBlock(ByteView bytes) {
  return BlockBefore(bytes, bytes.size()).has_value();
}

}  // namespace assay::formats
