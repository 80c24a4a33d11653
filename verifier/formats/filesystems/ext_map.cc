// Where an inode's content lies: a tree of extents, or direct and indirect
// blocks (Linux fs/ext4/ext4_extents.h, fs/ext4/indirect.c).

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/crc32.h"
#include "verifier/formats/filesystems/ext_volume.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/pointer_map.h"

namespace assay::formats::ext {
namespace {

constexpr std::uint64_t kMapOffset = 40;  // in an inode
constexpr std::uint64_t kMapSize = 60;
constexpr std::uint16_t kExtentMagic = 0xF30A;
constexpr std::uint16_t kMostDepth = 5;

struct ExtentHeader {
  Le16 magic, entries, most, depth;
  Le32 generation;
};
struct ExtentIndex {
  Le32 block, leaf;
  Le16 leaf_high, unused;
};
struct ExtentLeaf {
  Le32 block;
  Le16 length, start_high;
  Le32 start;
};
static_assert(sizeof(ExtentHeader) == 12 && sizeof(ExtentIndex) == 12 &&
              sizeof(ExtentLeaf) == 12);

class Mapper {
 public:
  Mapper(const Volume& volume, const Inode& inode, const Own& own,
         const Complain& complain, std::vector<Extent>& extents)
      : volume_(volume),
        inode_(inode),
        own_(own),
        complain_(complain),
        extents_(extents),
        blocks_((inode.size + volume.block_size() - 1) / volume.block_size()) {}

  Result<void> Extents() {
    std::vector<Node> path;
    if (auto ok =
            Enter(*Slice(inode_.raw, kMapOffset, kMapSize), std::nullopt, path);
        !ok) {
      return ok;
    }
    while (!path.empty()) {
      Node& node = path.back();
      if (node.next == node.header.entries) {
        path.pop_back();
        continue;
      }
      const std::uint64_t at =
          sizeof(ExtentHeader) * (std::uint64_t{node.next++} + 1);
      if (node.header.depth == 0) {
        if (auto ok = Leaf(*ReadAt<ExtentLeaf>(node.bytes, at)); !ok) {
          return ok;
        }
        continue;
      }
      const auto index = *ReadAt<ExtentIndex>(node.bytes, at);
      const std::uint64_t child = index.leaf | std::uint64_t{index.leaf_high}
                                                   << 32U;
      const auto bytes = Follow(child);
      if (!bytes) {
        return Fail(bytes.error());
      }
      if (auto ok = Enter(*bytes, child, path); !ok) {
        return ok;
      }
    }
    return {};
  }

  Result<void> Indirect() {
    constexpr std::size_t kDirect = 12;
    PointerMap map{
        .direct = kDirect,
        .size = inode_.size,
        .block_size = volume_.block_size(),
        .blocks = volume_.blocks(),
        .per_block = volume_.block_size() / sizeof(Le32),
        .number_at =
            [](ByteView block, std::uint64_t index) {
              return std::uint32_t{*ReadAt<Le32>(block, index * sizeof(Le32))};
            },
        .follow = [this](std::uint64_t block) { return Follow(block); }};
    for (std::uint64_t i = 0; i < kMapSize / sizeof(Le32); ++i) {
      map.top.push_back(
          *ReadAt<Le32>(inode_.raw, kMapOffset + i * sizeof(Le32)));
    }
    const auto mapped = MapPointers(map, extents_);
    return mapped ? mapped
                  : Fail(mapped.error().code,
                         fmt::format("ext: inode {}: {}", inode_.number,
                                     mapped.error().what));
  }

 private:
  struct Node {
    ByteView bytes;
    ExtentHeader header = {};
    std::uint16_t next = 0;
  };
  Result<ByteView> Follow(std::uint64_t block) {
    const auto bytes = volume_.Block(block);
    if (bytes && !own_(block)) {
      return Malformed(
          fmt::format("inode {}: block {} of its map belongs to something else",
                      inode_.number, block));
    }
    return bytes;
  }

  Result<void> Enter(ByteView bytes, std::optional<std::uint64_t> block,
                     std::vector<Node>& path) {
    const auto header = *ReadAt<ExtentHeader>(bytes, 0);
    const std::uint64_t room = bytes.size() / sizeof(ExtentHeader) - 1;
    const bool nested = path.empty()
                            ? header.depth <= kMostDepth
                            : header.depth + 1U == path.back().header.depth;
    if (header.magic != kExtentMagic || header.entries > header.most ||
        header.most > room || !nested) {
      return Malformed(fmt::format("inode {}: a node of its extents is damaged",
                                   inode_.number));
    }
    const std::uint64_t tail =
        sizeof(ExtentHeader) * (std::uint64_t{header.most} + 1);
    const auto stored = ReadAt<Le32>(bytes, tail);
    if (block && volume_.has_checksums() &&
        (!stored || Crc32cRaw(volume_.InodeSeed(inode_),
                              *Slice(bytes, 0, tail)) != *stored)) {
      complain_(*block);
    }
    path.push_back({.bytes = bytes, .header = header});
    return {};
  }

  Result<void> Leaf(const ExtentLeaf& leaf) {
    constexpr std::uint32_t kWritten = 32768;  // longer: not written yet
    const bool unwritten = leaf.length > kWritten;
    const std::uint64_t length =
        unwritten ? leaf.length - kWritten : std::uint32_t{leaf.length};
    const std::uint64_t start = leaf.start | std::uint64_t{leaf.start_high}
                                                 << 32U;
    if (leaf.block < at_ || length == 0 || start > volume_.blocks() ||
        length > volume_.blocks() - start) {
      return Malformed(
          fmt::format("inode {}: its extents contradict each "
                      "other or the file system",
                      inode_.number));
    }
    Append(
        true, 0,
        std::min<std::uint64_t>(leaf.block, blocks_) - std::min(at_, blocks_));
    at_ = leaf.block;
    Append(unwritten, start, length);
    return {};
  }

  void Append(bool hole, std::uint64_t start, std::uint64_t count) {
    const std::uint64_t size = volume_.block_size();
    if (at_ < blocks_) {
      AppendExtent(extents_, {{hole ? 0 : start * size,
                               std::min(count, blocks_ - at_) * size},
                              hole});
    }
    at_ += count;
  }

  const Volume& volume_;
  const Inode& inode_;
  const Own& own_;
  const Complain& complain_;
  std::vector<Extent>& extents_;
  std::uint64_t blocks_;  // of the content
  std::uint64_t at_ = 0;  // the next one
};

}  // namespace

Result<void> MapBlocks(const Volume& volume, const Inode& inode, const Own& own,
                       const Complain& complain, std::vector<Extent>& extents) {
  constexpr std::uint64_t kMostSize = 1ULL << 60U;
  if (inode.size > kMostSize) {
    return Malformed(
        fmt::format("inode {} states {} bytes", inode.number, inode.size));
  }
  Mapper mapper(volume, inode, own, complain, extents);
  const Result<void> mapped =
      inode.Is(kHasExtents) ? mapper.Extents() : mapper.Indirect();
  if (mapped) {
    FitExtents(extents, inode.size);
  }
  return mapped;
}

}  // namespace assay::formats::ext
