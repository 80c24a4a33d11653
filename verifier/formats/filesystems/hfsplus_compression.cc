#include "verifier/formats/filesystems/hfsplus_compression.h"

#include <algorithm>

namespace assay::formats::hfsplus {
namespace {

constexpr std::uint64_t kBlock = 64ULL << 10U;

struct AttributeHeader {
  Le32 magic, type;
  Le64 size;
};
static_assert(sizeof(AttributeHeader) == 16 && FileStruct<AttributeHeader>);

struct ForkHeader {
  Be32 data_offset, map_offset, data_length, map_length;
};
struct BlockEntry {
  Le32 offset, size;
};

}  // namespace

std::optional<Compressed> ReadCompressed(ByteView attribute) {
  constexpr std::uint32_t kMagic = 0x636D7066;
  const auto header = ReadAt<AttributeHeader>(attribute, 0);
  if (!header || header->magic != kMagic) {
    return std::nullopt;
  }
  return Compressed{.type = header->type,
                    .size = header->size,
                    .data = attribute.subspan(sizeof(AttributeHeader))};
}

// The fork's resource data: its length, then a table, then the blocks.
std::optional<std::vector<ByteView>> BlocksOf(const Compressed& compressed,
                                              ByteView fork) {
  const std::uint64_t count =
      compressed.size / kBlock + (compressed.size % kBlock != 0 ? 1 : 0);
  if (compressed.type == Compressed::kInlineZlib) {
    return count <= 1 ? std::optional(std::vector<ByteView>(
                            static_cast<std::size_t>(count), compressed.data))
                      : std::nullopt;
  }
  const auto header = ReadAt<ForkHeader>(fork, 0);
  const std::uint64_t table = header ? header->data_offset + 4ULL : 0;
  const auto stated = header ? ReadAt<Le32>(fork, table) : std::nullopt;
  if (!stated || *stated != count) {
    return std::nullopt;
  }
  std::vector<ByteView> blocks;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry =
        ReadAt<BlockEntry>(fork, table + 4 + i * sizeof(BlockEntry));
    const auto block =
        entry ? Slice(fork, table + entry->offset, entry->size) : std::nullopt;
    if (!block) {
      return std::nullopt;
    }
    blocks.push_back(*block);
  }
  return blocks;
}

bool CompressedStream::NextBlock() {
  constexpr std::uint8_t kStored = 0x0F;  // no zlib stream begins like this
  passed_ = 0;
  block_.assign(static_cast<std::size_t>(std::min(left_, kBlock)), 0);
  const ByteView packed = blocks_[next_++];
  if (!packed.empty() && (packed[0] & kStored) == kStored) {
    const ByteView stored = packed.subspan(1);
    if (stored.size() != block_.size()) {
      return false;
    }
    block_ = CopyOf(stored);
    return true;
  }
  return zlib_.Decode(packed, block_) == block_.size();
}

Result<std::size_t> CompressedStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !damaged_ && left_ > 0) {
    if (passed_ == block_.size() && (next_ == blocks_.size() || !NextBlock())) {
      damaged_ = true;
      break;
    }
    const std::size_t count =
        std::min(into.size() - filled, block_.size() - passed_);
    const auto part = ByteView(block_).subspan(passed_, count);
    std::copy(part.begin(), part.end(), into.subspan(filled).begin());
    filled += count;
    passed_ += count;
    left_ -= count;
  }
  if (filled == 0 && damaged_) {
    return Fail(ErrorCode::kMalformed,
                "hfsplus: a compressed block is damaged");
  }
  return filled;
}

}  // namespace assay::formats::hfsplus
