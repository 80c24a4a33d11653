#include "verifier/formats/filesystems/hfsplus_compression.h"

#include <algorithm>

#include "verifier/formats/codecs/lzvn_decoder.h"

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

// A resource: its length, then a table, then the blocks. Places count from the
// table.
std::optional<std::vector<ByteView>> ZlibBlocks(std::uint64_t count,
                                                ByteView fork) {
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

// No resource at all: where each block begins, and where the last one ends.
std::optional<std::vector<ByteView>> LzvnBlocks(std::uint64_t count,
                                                ByteView fork) {
  std::vector<ByteView> blocks;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto start = ReadAt<Le32>(fork, i * sizeof(Le32));
    const auto end = ReadAt<Le32>(fork, (i + 1) * sizeof(Le32));
    const auto block = start && end && *start <= *end
                           ? Slice(fork, *start, *end - *start)
                           : std::nullopt;
    if (!block) {
      return std::nullopt;
    }
    blocks.push_back(*block);
  }
  return blocks;
}

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

std::optional<std::vector<ByteView>> BlocksOf(const Compressed& compressed,
                                              ByteView fork) {
  const std::uint64_t count =
      compressed.size / kBlock + (compressed.size % kBlock != 0 ? 1 : 0);
  if (compressed.IsInline()) {
    return count <= 1 ? std::optional(std::vector<ByteView>(
                            static_cast<std::size_t>(count), compressed.data))
                      : std::nullopt;
  }
  return compressed.IsLzvn() ? LzvnBlocks(count, fork)
                             : ZlibBlocks(count, fork);
}

// A block that is stored begins like no stream that holds something.
bool CompressedStream::NextBlock() {
  constexpr std::uint8_t kStoredZlib = 0x0F;
  constexpr std::uint8_t kStoredLzvn = 0x06;
  passed_ = 0;
  block_.assign(static_cast<std::size_t>(std::min(left_, kBlock)), 0);
  const ByteView packed = blocks_[next_++];
  const std::uint8_t first = packed.empty() ? 0 : packed[0];
  if (lzvn_ ? first == kStoredLzvn : (first & kStoredZlib) == kStoredZlib) {
    const ByteView stored = packed.subspan(1);
    if (stored.size() < block_.size()) {
      return false;
    }
    block_ = CopyOf(stored.first(block_.size()));
    return true;
  }
  return (lzvn_ ? codecs::DecodeLzvn(packed, block_)
                : zlib_.Decode(packed, block_)) == block_.size();
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
