#include "verifier/formats/filesystems/f2fs_volume.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/crc32.h"

namespace assay::formats::f2fs {
namespace {

constexpr std::uint32_t kMagic = 0xF2F52010;
constexpr std::uint64_t kMostBlocks = 1ULL << 32U;
constexpr std::uint64_t kAddresses = 360;  // in an inode
constexpr std::uint64_t kAddressCount = 923;
constexpr std::uint64_t kInodeChecksumAt = 368;
constexpr std::uint64_t kDefaultXattr = 200;
constexpr std::uint64_t kBitmaps = sizeof(Checkpoint);

struct StoredInode {
  Le16 mode;
  std::uint8_t advice, inlined;
  Le32 uid, gid, links;
  Le64 size, blocks, atime, ctime, mtime;
  Le32 atime_ns, ctime_ns, mtime_ns, generation, depth, xattr_node, flags;
  Le32 parent, name_length;
};
static_assert(sizeof(StoredInode) == 92);
struct StoredExtra {
  Le16 size, xattr_size;
  Le32 project, checksum;
  Le64 created;
  Le32 created_ns;
  Le64 compressed_blocks;
  std::uint8_t algorithm, log_cluster;
  Le16 compression_flags;
};
static_assert(sizeof(StoredExtra) == 36);
struct Footer {
  Le32 node, inode, flags;
  Le64 version;
  Le32 next;
};
constexpr std::uint64_t kFooter = kBlock - sizeof(Footer);
struct NatEntry {
  std::uint8_t version;
  Le32 inode, block;
};
static_assert(sizeof(NatEntry) == 9);
constexpr std::uint64_t kNatPerBlock = kBlock / sizeof(NatEntry);
constexpr std::uint64_t kSitPerBlock = kBlock / 74;

bool IsConsistent(const Super& super) {
  const std::uint64_t segment = 512;
  if (super.magic != kMagic || super.log_block != 12 ||
      super.log_segment != 9 || super.log_sector < 9 || super.log_sector > 12 ||
      super.log_sector + super.log_sectors_per_block != 12 ||
      super.blocks == 0 || super.blocks > kMostBlocks ||
      super.segments_per_section == 0 || super.sections_per_zone == 0 ||
      super.checkpoint_segments != 2 || super.root < 3 ||
      super.sit_segments % 2 != 0 || super.nat_segments % 2 != 0) {
    return false;
  }
  const auto follows = [](std::uint64_t from, std::uint64_t segments,
                          std::uint64_t to) {
    return segments <= kMostBlocks && from + segments * segment == to;
  };
  return super.segment0 == super.checkpoint &&
         follows(super.checkpoint, super.checkpoint_segments, super.sit) &&
         follows(super.sit, super.sit_segments, super.nat) &&
         follows(super.nat, super.nat_segments, super.summary) &&
         follows(super.summary, super.summary_segments, super.main) &&
         super.main + std::uint64_t{super.main_segments} * segment <=
             super.blocks;
}

// The version of the checkpoint in that block, if it is whole.
std::optional<Checkpoint> CheckpointIn(ByteView block) {
  const auto stored = *ReadAt<Checkpoint>(block, 0);
  const std::uint64_t at = stored.checksum_offset;
  const auto checksum = ReadAt<Le32>(block, at);
  if (!checksum || at < sizeof(Checkpoint)) {
    return std::nullopt;
  }
  std::uint32_t state = Crc32Raw(kMagic, *Slice(block, 0, at));
  const std::uint64_t rest = at + sizeof(Le32);
  if (rest < block.size()) {
    state = Crc32Raw(state, *Slice(block, rest, block.size() - rest));
  }
  return state == *checksum ? std::optional(stored) : std::nullopt;
}

}  // namespace

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("f2fs: {}", what));
}

std::uint32_t ChecksumOf(ByteView bytes) {
  return Crc32Raw(kMagic, bytes);
}

bool HasSuper(ByteView head) {
  const auto super = ReadAt<Super>(head, kSuperOffset);
  return super && IsConsistent(*super);
}

Range Inode::InlineRange() const {
  constexpr std::uint64_t kUnusedSlot = 4;
  const std::uint64_t from = kAddresses + extra + kUnusedSlot;
  const std::uint64_t to = kAddresses + kAddressCount * 4 - inline_xattr;
  return {from, to > from ? to - from : 0};
}

Result<Volume> Volume::Open(const ByteSource& source) {
  const auto super = ReadAt<Super>(source.bytes(), kSuperOffset);
  if (!super || !IsConsistent(*super)) {
    return Fail(ErrorCode::kNotThisFormat, "f2fs: no plausible super block");
  }
  Volume volume;
  volume.source_ = source;
  volume.super_ = *super;
  volume.KeepPack(super->checkpoint);
  volume.KeepPack(super->checkpoint + volume.SegmentBlocks());
  if (volume.packs_.empty()) {
    return Malformed("no checkpoint is whole");
  }
  std::stable_sort(volume.packs_.begin(), volume.packs_.end(),
                   [](const Pack& a, const Pack& b) {
                     return a.checkpoint.version > b.checkpoint.version;
                   });
  volume.ReadJournal();
  return volume;
}

// A checkpoint stands at both ends of its pack.
void Volume::KeepPack(std::uint64_t start) {
  const auto first = Block(start);
  const auto head = first ? CheckpointIn(*first) : std::nullopt;
  if (!head || head->blocks < 2 || head->blocks > SegmentBlocks()) {
    return;
  }
  const auto last = Block(start + head->blocks - 1);
  const auto foot = last ? CheckpointIn(*last) : std::nullopt;
  if (foot && foot->version == head->version) {
    packs_.push_back({start, *head});
  }
}

// The entries of the table that were changed last.
void Volume::ReadJournal() {
  constexpr std::uint64_t kSummaries = 3584;
  constexpr std::uint64_t kMostEntries = 38;
  struct Entry {
    Le32 node;
    NatEntry entry;
  };
  const Checkpoint& current = checkpoint();
  const auto block = Block(packs_.front().start + current.summary_start);
  if (!block) {
    return;
  }
  const std::uint64_t at =
      (current.flags & kCompactSummary) != 0 ? 0 : kSummaries;
  const std::uint64_t count = *ReadAt<Le16>(*block, at);
  for (std::uint64_t i = 0; i < count && i < kMostEntries; ++i) {
    const auto entry =
        ReadAt<Entry>(*block, at + sizeof(Le16) + i * sizeof(Entry));
    if (entry) {
      journal_[entry->node] = {entry->entry.inode, entry->entry.block};
    }
  }
}

Result<ByteView> Volume::Block(std::uint64_t number) const {
  const auto bytes = Slice(source_.bytes(), number * kBlock, kBlock);
  if (number >= super_.blocks || !bytes) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("f2fs: block {} lies behind the end", number));
  }
  return *bytes;
}

std::uint64_t Volume::NatBlocks() const {
  return std::uint64_t{super_.nat_segments} / 2 * SegmentBlocks();
}

std::uint64_t Volume::SitBlocks() const {
  return (std::uint64_t{super_.main_segments} + kSitPerBlock - 1) /
         kSitPerBlock;
}

bool Volume::IsSecondCopy(std::uint64_t bitmap, std::uint64_t size,
                          std::uint64_t index) const {
  const auto block = Block(packs_.front().start + bitmap / kBlock);
  const auto byte =
      block && index / 8 < size
          ? ReadAt<std::uint8_t>(*block, bitmap % kBlock + index / 8)
          : std::nullopt;
  return byte && (*byte >> (7 - index % 8) & 1U) != 0;
}

std::uint64_t Volume::NatBlock(std::uint64_t index) const {
  const Checkpoint& current = checkpoint();
  std::uint64_t bitmap = kBitmaps + current.sit_bitmap_size;
  if ((current.flags & kLargeNatBitmap) != 0) {
    bitmap = kBitmaps + sizeof(Le32);
  } else if (super_.checkpoint_payload > 0) {
    bitmap = kBitmaps;
  }
  const std::uint64_t segment = SegmentBlocks();
  const bool second = IsSecondCopy(bitmap, current.nat_bitmap_size, index);
  return super_.nat + index / segment * segment * 2 + index % segment +
         (second ? segment : 0);
}

std::uint64_t Volume::SitBlock(std::uint64_t index) const {
  const Checkpoint& current = checkpoint();
  std::uint64_t bitmap = kBitmaps;
  if ((current.flags & kLargeNatBitmap) != 0) {
    bitmap = kBitmaps + sizeof(Le32) + current.nat_bitmap_size;
  } else if (super_.checkpoint_payload > 0) {
    bitmap = kBlock;
  }
  const std::uint64_t half =
      std::uint64_t{super_.sit_segments} / 2 * SegmentBlocks();
  return super_.sit + index +
         (IsSecondCopy(bitmap, current.sit_bitmap_size, index) ? half : 0);
}

std::optional<Volume::NodeEntry> Volume::FindNode(std::uint32_t number) const {
  if (const auto known = journal_.find(number); known != journal_.end()) {
    return known->second.block == 0 ? std::nullopt
                                    : std::optional(known->second);
  }
  const std::uint64_t index = number / kNatPerBlock;
  const auto block =
      index < NatBlocks() ? Block(NatBlock(index)) : Malformed("no such node");
  if (!block) {
    return std::nullopt;
  }
  const auto entry =
      *ReadAt<NatEntry>(*block, number % kNatPerBlock * sizeof(NatEntry));
  return entry.block == 0
             ? std::nullopt
             : std::optional<NodeEntry>({entry.inode, entry.block});
}

Result<ByteView> Volume::ReadNode(std::uint32_t number,
                                  std::uint32_t inode) const {
  const auto entry = FindNode(number);
  if (!entry || entry->inode != inode || entry->block < super_.main) {
    return Malformed(
        fmt::format("there is no node {} of inode {}", number, inode));
  }
  const auto block = Block(entry->block);
  if (!block) {
    return Fail(block.error());
  }
  const auto footer = *ReadAt<Footer>(*block, kFooter);
  if (footer.node != number || footer.inode != inode) {
    return Malformed(fmt::format("block {} is not node {} of inode {}",
                                 entry->block, number, inode));
  }
  return *block;
}

Result<Inode> Volume::ReadInode(std::uint32_t number) const {
  const auto node = ReadNode(number, number);
  if (!node) {
    return Fail(node.error());
  }
  const auto stored = *ReadAt<StoredInode>(*node, 0);
  const auto extra = *ReadAt<StoredExtra>(*node, kAddresses);
  Inode inode;
  inode.number = number;
  inode.place = {FindNode(number)->block * kBlock, kBlock};
  inode.raw = *node;
  inode.mode = stored.mode;
  inode.links = stored.links;
  inode.uid = stored.uid;
  inode.gid = stored.gid;
  inode.flags = stored.flags;
  inode.advice = stored.advice;
  inode.inlined = stored.inlined;
  inode.size = stored.size;
  inode.mtime = static_cast<std::int64_t>(std::uint64_t{stored.mtime});
  inode.xattr_node = stored.xattr_node;
  const bool more = (stored.inlined & kExtraAttributes) != 0;
  inode.extra = more ? std::uint64_t{extra.size} : 0;
  if (more && (super_.features & kFlexibleXattrs) != 0) {
    inode.inline_xattr = std::uint64_t{extra.xattr_size} * 4;
  } else if ((stored.inlined & (kInlineXattr | kInlineEntries)) != 0) {
    inode.inline_xattr = kDefaultXattr;
  }
  if (inode.extra % 4 != 0 ||
      inode.extra + inode.inline_xattr + 8 > kAddressCount * 4) {
    return Malformed(
        fmt::format("inode {} has no room for its attributes", number));
  }
  if (inode.extra >= sizeof(StoredExtra)) {
    inode.compression = extra.algorithm;
    inode.log_cluster = extra.log_cluster;
    inode.compression_flags = extra.compression_flags;
  }
  constexpr std::uint64_t kReachesChecksum = 12;
  if ((super_.features & kInodeChecksum) != 0 &&
      inode.extra >= kReachesChecksum) {
    constexpr std::array<std::uint8_t, 4> kZeros = {};
    constexpr std::uint64_t kRest = kInodeChecksumAt + sizeof(Le32);
    std::uint32_t state = Crc32Raw(~0U, super_.uuid);
    state = Crc32Raw(state, *Slice(*node, kFooter + 4, 4));  // inode
    state = Crc32Raw(state, BytesOf(stored.generation));
    state = Crc32Raw(state, *Slice(*node, 0, kInodeChecksumAt));
    state = Crc32Raw(state, kZeros);
    state = Crc32Raw(state, *Slice(*node, kRest, kBlock - kRest));
    inode.intact = state == extra.checksum;
  }
  return inode;
}

}  // namespace assay::formats::f2fs
