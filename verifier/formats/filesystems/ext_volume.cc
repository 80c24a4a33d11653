#include "verifier/formats/filesystems/ext_volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "verifier/base/crc32.h"

namespace assay::formats::ext {
namespace {

constexpr std::uint16_t kMagic = 0xEF53;
constexpr std::uint32_t kMostLogBlockSize = 6;  // 64 KiB
constexpr std::uint64_t kMostBytes = 1ULL << 60U;

struct StoredGroup {
  Le32 block_bitmap, inode_bitmap, inode_table;
  Le16 free_blocks, free_inodes, directories, flags;
  Le32 exclude_bitmap;
  Le16 block_bitmap_checksum, inode_bitmap_checksum, unused_inodes, checksum;
};
static_assert(sizeof(StoredGroup) == 32);
struct StoredGroupHigh {
  Le32 block_bitmap, inode_bitmap, inode_table;
  Le16 free_blocks, free_inodes, directories, unused_inodes;
  Le32 exclude_bitmap;
  Le16 block_bitmap_checksum, inode_bitmap_checksum;
};
enum GroupFlag : std::uint16_t { kInodesUnused = 1, kBlocksUnused = 2 };

struct StoredInode {
  Le16 mode, uid;
  Le32 size, atime, ctime, mtime, dtime;
  Le16 gid, links;
  Le32 sectors, flags, version;
  std::array<std::uint8_t, 60> map;
  Le32 generation, xattr_block, size_high, fragment;
  Le16 sectors_high, xattr_block_high, uid_high, gid_high, checksum, unused;
};
static_assert(sizeof(StoredInode) == 128);
struct StoredInodeMore {
  Le16 extra_size, checksum_high;
  Le32 ctime_extra, mtime_extra;
};
constexpr std::uint64_t kInodeBase = 128;
constexpr std::size_t kChecksumLow = 124;
constexpr std::size_t kChecksumHigh = 130;

std::uint64_t Wide(std::uint32_t low, std::uint32_t high) {
  return std::uint64_t{high} << 32U | low;
}

std::uint32_t ChecksumOfPieces(std::uint32_t seed, ByteView bytes,
                               std::initializer_list<Range> zeroed) {
  constexpr std::array<std::uint8_t, 4> kZeros = {};
  std::uint64_t from = 0;
  for (const Range& gap : zeroed) {
    seed = Crc32cRaw(seed, *Slice(bytes, from, gap.offset - from));
    seed = Crc32cRaw(
        seed, ByteView(kZeros).first(static_cast<std::size_t>(gap.length)));
    from = gap.end();
  }
  return Crc32cRaw(seed, *Slice(bytes, from, bytes.size() - from));
}

bool IsPowerOf(std::uint64_t value, std::uint64_t base) {
  while (value % base == 0) {
    value /= base;
  }
  return value == 1;
}

std::uint64_t BlockCount(const Super& super) {
  const bool wide = (super.incompatible & k64Bit) != 0;
  return Wide(super.blocks_low, wide ? std::uint32_t{super.blocks_high} : 0);
}

std::uint64_t InodeSize(const Super& super) {
  return super.revision == 0 ? kInodeBase : std::uint16_t{super.inode_size};
}

std::uint64_t DescriptorSize(const Super& super) {
  const bool wide = (super.incompatible & k64Bit) != 0;
  return wide ? std::uint16_t{super.descriptor_size} : sizeof(StoredGroup);
}

bool IsConsistent(const Super& super) {
  if (super.magic != kMagic || super.revision > 1 ||
      super.log_block_size > kMostLogBlockSize || super.group_number != 0 ||
      (super.incompatible & kJournalDevice) != 0) {
    return false;
  }
  const std::uint64_t block = 1024ULL << super.log_block_size;
  const std::uint64_t blocks = BlockCount(super);
  const std::uint64_t inode = InodeSize(super);
  const std::uint64_t descriptor = DescriptorSize(super);
  if (!std::has_single_bit(inode) || inode < kInodeBase || inode > block ||
      !std::has_single_bit(descriptor) || descriptor < sizeof(StoredGroup) ||
      descriptor > block) {
    return false;
  }
  const std::uint64_t first = super.first_block;
  if (first > 1 || (first == 1 && block != 1024) || blocks <= first + 1 ||
      blocks > kMostBytes / block || super.group_blocks < 8 ||
      super.log_cluster_size > 20 || super.group_inodes == 0 ||
      super.group_inodes > 8 * block || super.inodes < kRootInode) {
    return false;
  }
  const std::uint64_t groups =
      (blocks - first + super.group_blocks - 1) / super.group_blocks;
  const std::uint64_t inodes = super.inodes;
  return inodes == groups * super.group_inodes && super.free_inodes <= inodes &&
         super.free_blocks <= blocks;
}

}  // namespace

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("ext: {}", what));
}

bool HasSuper(ByteView head) {
  const auto super = ReadAt<Super>(head, kSuperOffset);
  return super && IsConsistent(*super);
}

Result<Volume> Volume::Open(const ByteSource& source) {
  const auto super = ReadAt<Super>(source.bytes(), kSuperOffset);
  if (!super || !IsConsistent(*super)) {
    return Fail(ErrorCode::kNotThisFormat, "ext: no plausible super block");
  }
  Volume volume;
  volume.source_ = source;
  volume.super_ = *super;
  volume.block_size_ = 1024ULL << super->log_block_size;
  volume.inode_size_ = InodeSize(*super);
  volume.descriptor_size_ = DescriptorSize(*super);
  volume.blocks_ = BlockCount(*super);
  volume.groups_ =
      (volume.blocks_ - super->first_block + super->group_blocks - 1) /
      super->group_blocks;
  volume.seed_ = (super->incompatible & kChecksumSeed) != 0
                     ? std::uint32_t{super->checksum_seed}
                     : Crc32cRaw(~0U, super->uuid);
  return volume;
}

std::uint32_t Volume::InodeSeed(const Inode& inode) const {
  const auto generation = Slice(inode.raw, 100, 4);
  std::array<std::uint8_t, 4> number = {};
  for (unsigned i = 0; i < 4; ++i) {
    number.at(i) = static_cast<std::uint8_t>(inode.number >> 8U * i);
  }
  return Crc32cRaw(Crc32cRaw(seed_, number), *generation);
}

bool Volume::HasCopy(std::uint64_t group) const {
  if (group == 0) {
    return true;
  }
  if ((super_.compatible & kSparseSuper2) != 0) {
    return group == super_.backup_groups[0] || group == super_.backup_groups[1];
  }
  return (super_.read_only & kSparseSuper) == 0 || group == 1 ||
         IsPowerOf(group, 3) || IsPowerOf(group, 5) || IsPowerOf(group, 7);
}

std::uint64_t Volume::GroupStart(std::uint64_t group) const {
  // With 1 KiB clusters' worth of blocks, the first group starts at block 0,
  // but its super block still lies in block 1.
  return group == 0 ? kSuperOffset / block_size_
                    : super_.first_block + group * super_.group_blocks;
}

std::uint64_t Volume::DescriptorsPerBlock() const {
  return block_size_ / descriptor_size_;
}

std::uint64_t Volume::DescriptorBlocks() const {
  const std::uint64_t all =
      (groups_ + DescriptorsPerBlock() - 1) / DescriptorsPerBlock();
  return (super_.incompatible & kMetaGroups) != 0
             ? std::min<std::uint64_t>(all, super_.first_meta_group)
             : all;
}

Range Volume::DescriptorRange(std::uint64_t group) const {
  const std::uint64_t index = group / DescriptorsPerBlock();
  std::uint64_t block = GroupStart(0) + 1 + index;
  if (index >= DescriptorBlocks()) {  // each meta group holds its own
    const std::uint64_t first = index * DescriptorsPerBlock();
    block = GroupStart(first) + (HasCopy(first) ? 1 : 0);
  }
  return {
      block * block_size_ + group % DescriptorsPerBlock() * descriptor_size_,
      descriptor_size_};
}

Result<Group> Volume::ReadGroup(std::uint64_t number) const {
  const Range range = DescriptorRange(number);
  const auto bytes = Slice(source_.bytes(), range.offset, range.length);
  if (number >= groups_ || !bytes) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("ext: the descriptor of group {} at offset {} lies "
                            "outside of the input",
                            number, range.offset));
  }
  const auto low = *ReadAt<StoredGroup>(*bytes, 0);
  const auto high = ReadAt<StoredGroupHigh>(*bytes, sizeof(StoredGroup))
                        .value_or(StoredGroupHigh{});
  Group group;
  group.block_bitmap = Wide(low.block_bitmap, high.block_bitmap);
  group.inode_bitmap = Wide(low.inode_bitmap, high.inode_bitmap);
  group.inode_table = Wide(low.inode_table, high.inode_table);
  group.block_bitmap_checksum =
      low.block_bitmap_checksum | std::uint32_t{high.block_bitmap_checksum}
                                      << 16U;
  group.inode_bitmap_checksum =
      low.inode_bitmap_checksum | std::uint32_t{high.inode_bitmap_checksum}
                                      << 16U;
  const bool checked =
      has_checksums() || (super_.read_only & kGroupChecksums) != 0;
  group.inodes_unused = checked && (low.flags & kInodesUnused) != 0;
  group.blocks_unused = checked && (low.flags & kBlocksUnused) != 0;
  std::array<std::uint8_t, 4> le_number = {};
  for (unsigned i = 0; i < 4; ++i) {
    le_number.at(i) = static_cast<std::uint8_t>(number >> 8U * i);
  }
  constexpr std::uint64_t kChecksumAt = 30;
  if (has_checksums()) {
    const std::uint32_t state = ChecksumOfPieces(Crc32cRaw(seed_, le_number),
                                                 *bytes, {{kChecksumAt, 2}});
    group.intact = (state & 0xffffU) == low.checksum;
  } else if (checked) {
    std::uint16_t state = Crc16Arc(0xffff, super_.uuid);
    state = Crc16Arc(state, le_number);
    state = Crc16Arc(state, *Slice(*bytes, 0, kChecksumAt));
    if (bytes->size() > sizeof(StoredGroup)) {
      state = Crc16Arc(state, bytes->subspan(sizeof(StoredGroup)));
    }
    group.intact = state == low.checksum;
  }
  return group;
}

Range Volume::BlockRange(std::uint64_t number) const {
  return {number * block_size_, block_size_};
}

Result<ByteView> Volume::Block(std::uint64_t number) const {
  if (number >= blocks_) {
    return Malformed(fmt::format("block {} of {}", number, blocks_));
  }
  const auto bytes = Slice(source_.bytes(), number * block_size_, block_size_);
  if (!bytes) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("ext: block {} lies behind the end", number));
  }
  return *bytes;
}

Result<Inode> Volume::ReadInode(std::uint64_t number) const {
  if (number == 0 || number > super_.inodes) {
    return Malformed(fmt::format("there is no inode {}", number));
  }
  const auto group = ReadGroup((number - 1) / super_.group_inodes);
  if (!group) {
    return Fail(group.error());
  }
  const std::uint64_t index = (number - 1) % super_.group_inodes;
  if (group->inode_table >= blocks_) {
    return Malformed(fmt::format("the table of inode {} lies outside", number));
  }
  Inode inode;
  inode.number = static_cast<std::uint32_t>(number);
  inode.place = {group->inode_table * block_size_ + index * inode_size_,
                 inode_size_};
  const auto raw = Slice(source_.bytes(), inode.place.offset, inode_size_);
  if (!raw) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("ext: inode {} lies behind the end", number));
  }
  inode.raw = *raw;
  const auto low = *ReadAt<StoredInode>(*raw, 0);
  const auto more =
      ReadAt<StoredInodeMore>(*raw, kInodeBase).value_or(StoredInodeMore{});
  inode.mode = low.mode;
  inode.links = low.links;
  inode.flags = low.flags;
  inode.generation = low.generation;
  inode.deleted = low.dtime;
  inode.uid = low.uid | std::uint64_t{low.uid_high} << 16U;
  inode.gid = low.gid | std::uint64_t{low.gid_high} << 16U;
  inode.size = Wide(low.size, low.size_high);
  inode.xattr_block = Wide(low.xattr_block, low.xattr_block_high);
  inode.mtime = static_cast<std::int32_t>(std::uint32_t{low.mtime});
  constexpr std::uint16_t kHasTimes = 12;  // bytes up to mtime_extra
  if (more.extra_size >= kHasTimes) {
    inode.mtime += static_cast<std::int64_t>(more.mtime_extra & 3U) << 32U;
  }
  if (has_checksums()) {
    const bool high = raw->size() > kInodeBase && more.extra_size >= 4;
    const std::uint32_t seed = InodeSeed(inode);
    const std::uint32_t state =
        high ? ChecksumOfPieces(seed, *raw,
                                {{kChecksumLow, 2}, {kChecksumHigh, 2}})
             : ChecksumOfPieces(seed, *raw, {{kChecksumLow, 2}});
    const std::uint32_t stored =
        low.checksum | (high ? std::uint32_t{more.checksum_high} << 16U : 0);
    inode.intact = stored == (high ? state : state & 0xffffU);
  }
  return inode;
}

}  // namespace assay::formats::ext
