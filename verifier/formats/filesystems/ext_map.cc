// Where an inode's content lies: a tree of extents, or direct and indirect
// blocks (Linux fs/ext4/ext4_extents.h, fs/ext4/indirect.c).

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/crc32.h"
#include "verifier/formats/filesystems/ext_volume.h"
#include "verifier/formats/filesystems/file_tree.h"

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
    const ByteView map = *Slice(inode_.raw, kMapOffset, kMapSize);
    const std::uint64_t each = volume_.block_size() / sizeof(Le32);
    std::uint64_t span = 1;
    for (std::uint64_t i = 0; i < kMapSize / sizeof(Le32); ++i) {
      constexpr std::uint64_t kDirect = 12;
      const unsigned level =
          static_cast<unsigned>(i < kDirect ? 0 : i - kDirect + 1);
      span = level == 0 ? 1 : span * each;
      const std::uint32_t block = *ReadAt<Le32>(map, i * sizeof(Le32));
      if (auto ok = Pointers(block, level, span); !ok) {
        return ok;
      }
    }
    return {};
  }

 private:
  struct Node {
    ByteView bytes;
    ExtentHeader header = {};
    std::uint16_t next = 0;
  };
  struct Table {
    ByteView bytes;
    std::uint64_t next = 0;  // offset
    std::uint64_t span = 0;  // blocks below one pointer
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

  // The blocks below one pointer of the inode.
  Result<void> Pointers(std::uint32_t block, unsigned level,
                        std::uint64_t span) {
    std::vector<Table> open;
    if (auto ok = Pointer(block, level == 0 ? 0 : span, open); !ok) {
      return ok;
    }
    while (!open.empty() && at_ < blocks_) {
      Table& table = open.back();
      const auto next = ReadAt<Le32>(table.bytes, table.next);
      if (!next) {
        open.pop_back();
        continue;
      }
      table.next += sizeof(Le32);
      const std::uint64_t below = table.span == 1 ? 0 : table.span;
      if (auto ok = Pointer(*next, below, open); !ok) {
        return ok;
      }
    }
    return {};
  }

  // `below`: how many blocks a table stands for; 0: it is data.
  Result<void> Pointer(std::uint32_t block, std::uint64_t below,
                       std::vector<Table>& open) {
    if (at_ >= blocks_) {
      return {};
    }
    if (block == 0) {
      Append(true, 0, std::max<std::uint64_t>(below, 1));
      return {};
    }
    if (block >= volume_.blocks()) {
      return Malformed(
          fmt::format("inode {}: there is no block {}", inode_.number, block));
    }
    if (below == 0) {
      Append(false, block, 1);
      return {};
    }
    const auto bytes = Follow(block);
    if (!bytes) {
      return Fail(bytes.error());
    }
    open.push_back({.bytes = *bytes,
                    .span = below / (volume_.block_size() / sizeof(Le32))});
    return {};
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
