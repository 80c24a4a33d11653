#include "verifier/formats/filesystems/xfs_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace assay::formats::xfs {
namespace {

struct FreeSpace {  // xfs_agf
  std::array<char, 4> magic;
  Be32 version, number, length;
  std::array<Be32, 3> roots;  // free by block, free by size, owners
  std::array<Be32, 3> levels;
  std::array<Be32, 6> counts;
  std::array<std::uint8_t, 16> uuid;
  Be32 reverse_blocks, shared_blocks, shared_root, shared_levels;
};
static_assert(sizeof(FreeSpace) == 96);
struct InodeIndex {  // xfs_agi
  std::array<char, 4> magic;
  Be32 version, number, length, count, root, levels;
  std::array<std::uint8_t, 300> unused;
  Be32 free_root, free_levels;
};
static_assert(sizeof(InodeIndex) == 336);
constexpr std::uint64_t kFreeSpaceChecksum = 216;
constexpr std::uint64_t kIndexChecksum = 312;
constexpr std::uint64_t kListChecksum = 32;
constexpr std::uint64_t kNodeChecksum = 52;
constexpr std::uint64_t kInodesInChunk = 64;

struct NodeHeader {
  std::array<char, 4> magic;
  Be16 level, records;
};
struct ChunkRecord {
  Be32 first;
  Be16 holes;  // a bit for each four inodes
  std::uint8_t count, free_count;
  Be64 free;
};
static_assert(sizeof(ChunkRecord) == 16);

std::string_view TextOf(const std::array<char, 4>& magic) {
  return {magic.data(), magic.size()};
}

}  // namespace

bool IsFirstGroup(const Volume& volume) {
  const std::uint64_t sector = volume.super().sector_size;
  const ByteView bytes = volume.source().bytes();
  const auto space = ReadAt<FreeSpace>(bytes, sector);
  const auto index = ReadAt<InodeIndex>(bytes, 2 * sector);
  return space && index && TextOf(space->magic) == "XAGF" &&
         TextOf(index->magic) == "XAGI" && space->number == 0 &&
         index->number == 0;
}

void Groups::Claim() {
  const Super& super = volume_.super();
  for (std::uint64_t group = 0; group < super.groups; ++group) {
    const auto start = volume_.OffsetOf(group, 0);
    const std::uint64_t sector = super.sector_size;
    if (!start || !Slice(volume_.source().bytes(), *start, 4 * sector)) {
      return;
    }
    CompareSuper(group, {*start, sector});
    ClaimHeader(group, *start + sector, "XAGF", kFreeSpaceChecksum);
    ClaimHeader(group, *start + 2 * sector, "XAGI", kIndexChecksum);
    // Version 4 has no magic there.
    ClaimHeader(group, *start + 3 * sector,
                volume_.has_checksums() ? "XAFL" : "", kListChecksum);
    ClaimTrees(group, *start);
  }
}

void Groups::CompareSuper(std::uint64_t group, Range place) {
  const auto key = [](const Super& super) {
    return std::tuple(
        std::uint32_t{super.magic}, std::uint32_t{super.block_size},
        std::uint64_t{super.blocks}, std::uint32_t{super.group_blocks},
        std::uint32_t{super.groups}, std::uint16_t{super.inode_size},
        super.uuid);
  };
  const auto copy = ReadAt<Super>(volume_.source().bytes(), place.offset);
  if (!copy || key(*copy) != key(volume_.super())) {
    tree_.Report("ambiguous-superblock", place,
                 fmt::format("the copy in group {} differs", group));
    return;
  }
  (void)tree_.Own(place);
}

void Groups::ClaimHeader(std::uint64_t group, std::uint64_t sector,
                         std::string_view magic, std::uint64_t checksum) {
  const Range place{sector, volume_.super().sector_size};
  const auto bytes = Slice(volume_.source().bytes(), sector, place.length);
  if (!bytes || AsText(bytes->first(magic.size())) != magic) {
    tree_.Report("bad-group", place,
                 fmt::format("group {} has no {}", group, magic));
    return;
  }
  if (volume_.has_checksums() && !HasChecksum(*bytes, checksum)) {
    tree_.Report("checksum-mismatch", place,
                 fmt::format("{} of group {}", magic, group));
  }
  (void)tree_.Own(place);
}

void Groups::ClaimTrees(std::uint64_t group, std::uint64_t start) {
  const ByteView bytes = volume_.source().bytes();
  const std::uint64_t sector = volume_.super().sector_size;
  const auto space = ReadAt<FreeSpace>(bytes, start + sector);
  const auto index = ReadAt<InodeIndex>(bytes, start + 2 * sector);
  const std::uint32_t features =
      volume_.has_checksums() ? std::uint32_t{volume_.super().read_only} : 0;
  const Visit nothing = [](ByteView /*records*/) {};
  if (space && TextOf(space->magic) == "XAGF") {
    ClaimTree(group, space->roots[0], space->levels[0], {"ABTB", "AB3B", 8, 8},
              nothing);
    ClaimTree(group, space->roots[1], space->levels[1], {"ABTC", "AB3C", 8, 8},
              nothing);
    if ((features & kReverseMap) != 0) {
      ClaimTree(group, space->roots[2], space->levels[2], {"", "RMB3", 40, 24},
                nothing);
    }
    if ((features & kReflink) != 0) {
      ClaimTree(group, space->shared_root, space->shared_levels,
                {"", "R3FC", 4, 12}, nothing);
    }
  }
  if (index && TextOf(index->magic) == "XAGI") {
    ClaimTree(group, index->root, index->levels, {"IABT", "IAB3", 4, 16},
              [&](ByteView records) { KeepChunks(group, records); });
    if ((features & kFreeInodes) != 0) {
      ClaimTree(group, index->free_root, index->free_levels,
                {"FIBT", "FIB3", 4, 16}, nothing);
    }
  }
}

void Groups::ClaimTree(std::uint64_t group, std::uint64_t root,
                       std::uint32_t levels, const TreeKind& kind,
                       const Visit& visit) {
  struct Node {
    std::uint64_t block = 0;
    std::uint32_t level = 0;
  };
  const bool fifth = volume_.has_checksums();
  const std::uint64_t header_size = fifth ? 56 : 16;
  std::vector<Node> open;
  if (levels > 0) {
    open.push_back({root, levels - 1});
  }
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    const auto offset = volume_.OffsetOf(group, node.block);
    const auto block = offset ? volume_.BlocksAt(*offset, 1)
                              : Malformed("a tree leads outside");
    const Range place{offset.value_or(0), volume_.block_size()};
    const auto header = block ? ReadAt<NodeHeader>(*block, 0) : std::nullopt;
    const bool known =
        header && header->level == node.level &&
        TextOf(header->magic) == (fifth ? kind.magic5 : kind.magic4);
    const ByteView body =
        known ? block->subspan(static_cast<std::size_t>(header_size))
              : ByteView();
    const std::uint64_t each =
        node.level == 0 ? kind.record_size : kind.key_size + sizeof(Be32);
    if (!known || header->records > body.size() / each || !tree_.Own(place)) {
      tree_.Report("bad-group", place,
                   fmt::format("group {}: a node of tree {} is damaged", group,
                               kind.magic5));
      continue;
    }
    if (fifth && !HasChecksum(*block, kNodeChecksum)) {
      tree_.Report("checksum-mismatch", place,
                   fmt::format("tree {} of group {}", kind.magic5, group));
    }
    if (node.level == 0) {
      visit(*Slice(body, 0, header->records * kind.record_size));
      continue;
    }
    const std::uint64_t pointers = body.size() / each * kind.key_size;
    for (std::uint64_t i = 0; i < header->records; ++i) {
      open.push_back(
          {*ReadAt<Be32>(body, pointers + i * sizeof(Be32)), node.level - 1});
    }
  }
}

void Groups::KeepChunks(std::uint64_t group, ByteView records) {
  const Super& super = volume_.super();
  ByteReader reader(records);
  while (const auto record = reader.Take<ChunkRecord>()) {
    Chunk chunk{.first = group << (super.log_group_blocks +
                                   super.log_inodes_per_block) |
                         record->first,
                .free = record->free};
    for (unsigned bit = 0; bit < kInodesInChunk; ++bit) {
      chunk.holes |= std::uint64_t{record->holes >> bit / 4U & 1U} << bit;
    }
    chunks_.push_back(chunk);
  }
}

Result<void> Groups::ClaimInodes(TreeWalk& walk, Coverage& coverage,
                                 ArtifactSink& sink) {
  std::sort(chunks_.begin(), chunks_.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::uint64_t next = 0;
  for (const Chunk& chunk : chunks_) {
    const auto offset = volume_.InodeOffset(chunk.first);
    const std::uint64_t size = volume_.super().inode_size;
    const Range table{offset.value_or(0), kInodesInChunk * size};
    if (!offset || chunk.first < next ||
        !Slice(volume_.source().bytes(), table.offset, table.length)) {
      tree_.Report("overlapping-inodes", table,
                   fmt::format("inodes from {} on", chunk.first));
      continue;
    }
    next = chunk.first + kInodesInChunk;
    if (auto ok = GiveUnlisted(chunk, walk); !ok) {
      return ok;
    }
    ClaimRecords(
        volume_.source().bytes(), table, size,
        [&](std::uint64_t index) {
          const std::uint64_t number = chunk.first + index;
          return walk.Reached(number) || tree_.IsSpecial(number) ||
                 ((chunk.holes >> index & 1U) == 0 && IsBlank(number));
        },
        coverage, sink);
  }
  return {};
}

Result<void> Groups::GiveUnlisted(const Chunk& chunk, TreeWalk& walk) {
  for (std::uint64_t i = 0; i < kInodesInChunk; ++i) {
    const std::uint64_t number = chunk.first + i;
    if (((chunk.free | chunk.holes) >> i & 1U) != 0 || walk.Reached(number) ||
        tree_.IsSpecial(number)) {
      continue;
    }
    const auto inode = volume_.ReadInode(number);
    if (!inode || inode->mode == 0 || inode->links == 0 || !inode->intact) {
      continue;
    }
    tree_.Report(
        "unlisted-inode", inode->place,
        fmt::format("inode {} is in use, but in no directory", number));
    if (auto ok = walk.RunUnlisted(number, fmt::format("#{}", number)); !ok) {
      return ok;
    }
  }
  return {};
}

// Inodes in no use keep their number and a checksum.
bool Groups::IsBlank(std::uint64_t number) const {
  const auto inode = volume_.ReadInode(number);
  return inode && inode->mode == 0 && inode->intact && !inode->attributes &&
         IsZero(inode->data.bytes);
}

void Groups::ClaimLog() {
  const Super& super = volume_.super();
  const auto start = volume_.OffsetOf(super.log_start);
  if (super.log_start == 0 || !start) {
    return;  // on another device
  }
  const auto log = volume_.BlocksAt(*start, super.log_blocks);
  const Range place{*start, log ? log->size() : 0};
  if (!log || !tree_.Own(place)) {
    tree_.Report("bad-log", place, "the log does not lie in free space");
    return;
  }
  CheckLog(*log, place);
}

// A log that was written to its end ends with a record that says so.
void Groups::CheckLog(ByteView log, Range place) {
  struct Record {
    Be32 magic, cycle, version, length;
    Be64 lsn, tail;
    Le32 checksum;
    Be32 previous, operations;
  };
  struct Operation {
    Be32 transaction, length;
    std::uint8_t client, flags;
    Be16 unused;
  };
  constexpr std::uint32_t kRecord = 0xfeedbabe;
  constexpr std::uint64_t kSector = 512;
  constexpr std::uint8_t kUnmounted = 0x20;
  std::uint64_t last = 0;
  bool clean = true;
  for (std::uint64_t at = 0; at < log.size(); at += kSector) {
    const auto record = ReadAt<Record>(log, at);
    if (!record || record->magic != kRecord || record->lsn < last) {
      continue;
    }
    last = record->lsn;
    const auto operation = ReadAt<Operation>(log, at + kSector);
    clean = record->operations == 1 && operation &&
            (operation->flags & kUnmounted) != 0;
  }
  if (!clean) {
    tree_.Report("ambiguous-journal", place,
                 "the log was not replayed: a mount may show other files than "
                 "these");
  }
}

}  // namespace assay::formats::xfs
