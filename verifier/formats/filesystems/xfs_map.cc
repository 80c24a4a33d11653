// Where a fork's blocks lie: a list of extents in the inode, or a B+tree of
// them (Linux fs/xfs/libxfs/xfs_format.h, xfs_bmbt_rec and xfs_btree_block).

#include <fmt/format.h>

#include "verifier/formats/filesystems/xfs_volume.h"

namespace assay::formats::xfs {
namespace {

constexpr std::uint32_t kMagic4 = 0x424d4150;  // "BMAP"
constexpr std::uint32_t kMagic5 = 0x424d4133;  // "BMA3"
constexpr std::uint64_t kHeader4 = 24;
constexpr std::uint64_t kHeader5 = 72;
constexpr std::uint64_t kChecksum = 64;
constexpr std::uint16_t kMostLevels = 9;

struct Record {
  Be64 high, low;
};
struct RootHeader {
  Be16 level, records;
};
struct NodeHeader {
  Be32 magic;
  Be16 level, records;
};

class Mapper {
 public:
  Mapper(const Volume& volume, const Inode& inode, const Own& own)
      : volume_(volume), inode_(inode), own_(own) {}

  Result<std::vector<Piece>> List(const Fork& fork) {
    if (auto ok = Records(fork.bytes, fork.extents); !ok) {
      return Fail(ok.error());
    }
    return std::move(pieces_);
  }

  Result<std::vector<Piece>> Tree(const Fork& fork) {
    const auto root = ReadAt<RootHeader>(fork.bytes, 0);
    if (!root || root->level == 0 || root->level > kMostLevels) {
      return Damaged("the root of its extents");
    }
    std::vector<Node> path;
    if (auto ok = Enter(fork.bytes.subspan(sizeof(RootHeader)), root->level,
                        root->records, path);
        !ok) {
      return Fail(ok.error());
    }
    while (!path.empty()) {
      Node& node = path.back();
      if (node.next == node.records) {
        path.pop_back();
        continue;
      }
      const std::uint64_t child =
          *ReadAt<Be64>(node.pointers, 8 * std::uint64_t{node.next++});
      if (auto ok = Follow(child, node.level - 1U, path); !ok) {
        return Fail(ok.error());
      }
    }
    return std::move(pieces_);
  }

 private:
  struct Node {
    ByteView pointers;
    unsigned level = 0;
    unsigned records = 0;
    unsigned next = 0;
  };

  tl::unexpected<Error> Damaged(std::string_view what) const {
    return Malformed(
        fmt::format("inode {}: {} is damaged", inode_.number, what));
  }

  // `bytes`: keys and pointers.
  Result<void> Enter(ByteView bytes, unsigned level, unsigned records,
                     std::vector<Node>& path) {
    constexpr std::uint64_t kPair = 16;
    const std::uint64_t most = bytes.size() / kPair;
    if (records > most) {
      return Damaged("a node of its extents");
    }
    path.push_back({.pointers = *Slice(bytes, most * 8, most * 8),
                    .level = level,
                    .records = records});
    return {};
  }

  Result<void> Follow(std::uint64_t child, unsigned level,
                      std::vector<Node>& path) {
    const auto offset = volume_.OffsetOf(child);
    if (!offset) {
      return Damaged("a pointer in its extents");
    }
    const auto block = volume_.BlocksAt(*offset, 1);
    if (!block) {
      return Fail(block.error());
    }
    const bool fifth = volume_.has_checksums();
    const auto header = *ReadAt<NodeHeader>(*block, 0);
    if (header.magic != (fifth ? kMagic5 : kMagic4) || header.level != level) {
      return Damaged("a node of its extents");
    }
    if (!own_(*offset, !fifth || HasChecksum(*block, kChecksum))) {
      return Malformed(
          fmt::format("inode {}: the block at {} belongs to something else",
                      inode_.number, *offset));
    }
    const ByteView body = block->subspan(fifth ? kHeader5 : kHeader4);
    return level == 0 ? Records(body, header.records)
                      : Enter(body, level, header.records, path);
  }

  Result<void> Records(ByteView bytes, std::uint64_t count) {
    if (count > bytes.size() / sizeof(Record)) {
      return Damaged("the list of its extents");
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto record = *ReadAt<Record>(bytes, i * sizeof(Record));
      const std::uint64_t high = record.high;
      const std::uint64_t low = record.low;
      Piece piece{.at = (high & ~(1ULL << 63U)) >> 9U,
                  .count = low & 0x1fffffU,
                  .unwritten = high >> 63U != 0};
      const std::uint64_t start = (high & 0x1ffU) << 43U | low >> 21U;
      const auto offset = volume_.OffsetOf(start);
      const auto last = volume_.OffsetOf(start + piece.count - 1);
      const bool ordered = pieces_.empty() ||
                           piece.at >= pieces_.back().at + pieces_.back().count;
      if (inode_.realtime) {
        continue;
      }
      if (piece.count == 0 || !offset || !last || !ordered ||
          *last - *offset != (piece.count - 1) * volume_.block_size()) {
        return Damaged("an extent");
      }
      piece.offset = *offset;
      pieces_.push_back(piece);
    }
    return {};
  }

  const Volume& volume_;
  const Inode& inode_;
  const Own& own_;
  std::vector<Piece> pieces_;
};

}  // namespace

Result<std::vector<Piece>> MapFork(const Volume& volume, const Inode& inode,
                                   const Fork& fork, const Own& own) {
  Mapper mapper(volume, inode, own);
  switch (fork.format) {
    case kExtents:
      return mapper.List(fork);
    case kTree:
      return mapper.Tree(fork);
    default:
      return Malformed(
          fmt::format("inode {}: a fork of format {} has no "
                      "blocks",
                      inode.number, fork.format));
  }
}

}  // namespace assay::formats::xfs
