#include "verifier/formats/filesystems/xfs_volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "verifier/base/crc32.h"

namespace assay::formats::xfs {
namespace {

constexpr std::uint32_t kMagic = 0x58465342;  // "XFSB"
constexpr std::uint16_t kInodeMagic = 0x494e;
constexpr std::uint64_t kInodeChecksum = 100;
constexpr std::uint64_t kMostBytes = 1ULL << 60U;

struct StoredInode {
  Be16 magic, mode;
  std::uint8_t version, format;
  Be16 old_links;
  Be32 uid, gid, links;
  Be16 project_low, project_high;
  Be64 many_extents, atime, mtime, ctime, size, blocks;
  Be32 extent_hint, extents;
  Be16 attribute_extents;
  std::uint8_t attribute_offset, attribute_format;
  Be32 events;
  Be16 event_state, flags;
  Be32 generation, next_unlinked;
};
static_assert(sizeof(StoredInode) == 100);
struct StoredInode3 {  // follows it in version 3
  Le32 checksum;
  Be64 changes, lsn, flags2;
  Be32 copy_hint;
  std::array<std::uint8_t, 12> unused;
  Be64 created, number;
  std::array<std::uint8_t, 16> uuid;
};
static_assert(sizeof(StoredInode3) == 76);
enum InodeFlag : std::uint64_t { kRealtime = 1, kBigTime = 8, kMany = 16 };

bool IsLog(std::uint64_t value, unsigned log) {
  return log < 32 && value == 1ULL << log;
}

bool IsConsistent(const Super& super) {
  const unsigned version = super.version & 0xfU;
  const std::uint64_t block = super.block_size;
  if (super.magic != kMagic || version < 4 || version > 5 ||
      super.in_progress != 0 || !IsLog(block, super.log_block) ||
      !IsLog(super.sector_size, super.log_sector) ||
      !IsLog(super.inode_size, super.log_inode) || block < 512 ||
      block > 65536 || super.sector_size < 512 || super.sector_size > 32768 ||
      super.sector_size > block || super.inode_size < 256 ||
      super.inode_size > 2048 || super.inode_size > block ||
      !IsLog(super.inodes_per_block, super.log_inodes_per_block) ||
      std::uint64_t{super.inodes_per_block} * super.inode_size != block) {
    return false;
  }
  const std::uint64_t blocks = super.blocks;
  const std::uint64_t group = super.group_blocks;
  const std::uint64_t groups = super.groups;
  if (blocks == 0 || blocks > kMostBytes / block || group < 16 || groups == 0 ||
      super.log_group_blocks > 31 ||
      std::bit_width(group - 1) != super.log_group_blocks ||
      (super.log_directory + super.log_block) > 16) {
    return false;
  }
  return blocks <= group * groups && blocks > group * (groups - 1) &&
         super.free_blocks <= blocks;
}

std::int64_t SecondsOf(std::uint64_t stored, bool big) {
  constexpr std::uint64_t kBillion = 1'000'000'000;
  constexpr std::int64_t kEpoch = 1LL << 31U;  // before 1970
  return big ? static_cast<std::int64_t>(stored / kBillion) - kEpoch
             : static_cast<std::int32_t>(
                   static_cast<std::uint32_t>(stored >> 32U));
}

}  // namespace

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("xfs: {}", what));
}

bool HasSuper(ByteView head) {
  const auto super = ReadAt<Super>(head, 0);
  return super && IsConsistent(*super);
}

bool HasChecksum(ByteView bytes, std::uint64_t at) {
  constexpr std::array<std::uint8_t, sizeof(Le32)> kZeros = {};
  const auto stored = ReadAt<Le32>(bytes, at);
  if (!stored) {
    return false;
  }
  const std::uint64_t rest = at + sizeof(Le32);
  std::uint32_t state = Crc32cRaw(~0U, *Slice(bytes, 0, at));
  state = Crc32cRaw(state, kZeros);
  return ~Crc32cRaw(state, *Slice(bytes, rest, bytes.size() - rest)) == *stored;
}

Result<Volume> Volume::Open(const ByteSource& source) {
  const auto super = ReadAt<Super>(source.bytes(), 0);
  if (!super || !IsConsistent(*super)) {
    return Fail(ErrorCode::kNotThisFormat, "xfs: no plausible super block");
  }
  Volume volume;
  volume.source_ = source;
  volume.super_ = *super;
  volume.version5_ = (super->version & 0xfU) == 5;
  return volume;
}

bool Volume::has_file_types() const {
  constexpr std::uint32_t kFileTypes2 = 0x200;  // in features2
  return version5_ ? (super_.incompatible & kFileTypes) != 0
                   : (super_.features2 & kFileTypes2) != 0;
}

std::optional<std::uint64_t> Volume::OffsetOf(std::uint64_t group,
                                              std::uint64_t block) const {
  if (group >= super_.groups || block >= super_.group_blocks) {
    return std::nullopt;
  }
  const std::uint64_t at = group * super_.group_blocks + block;
  return at < super_.blocks ? std::optional(at * block_size()) : std::nullopt;
}

std::optional<std::uint64_t> Volume::OffsetOf(std::uint64_t block) const {
  const unsigned bits = super_.log_group_blocks;
  return OffsetOf(block >> bits, block & ((1ULL << bits) - 1));
}

Result<ByteView> Volume::BlocksAt(std::uint64_t offset,
                                  std::uint64_t count) const {
  if (count > super_.group_blocks) {
    return Malformed(fmt::format("{} blocks at offset {}", count, offset));
  }
  const auto bytes = Slice(source_.bytes(), offset, count * block_size());
  if (!bytes) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("xfs: the block at offset {} lies behind the end", offset));
  }
  return *bytes;
}

std::optional<std::uint64_t> Volume::InodeOffset(std::uint64_t number) const {
  const unsigned bits = super_.log_inodes_per_block;
  const auto block = OffsetOf(number >> bits);
  const std::uint64_t index = number & ((1ULL << bits) - 1);
  return block ? std::optional(*block + index * super_.inode_size)
               : std::nullopt;
}

Result<Inode> Volume::ReadInode(std::uint64_t number) const {
  const auto offset = InodeOffset(number);
  if (!offset) {
    return Malformed(fmt::format("there is no inode {}", number));
  }
  const auto raw = Slice(source_.bytes(), *offset, super_.inode_size);
  if (!raw) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("xfs: inode {} lies behind the end", number));
  }
  const auto stored = *ReadAt<StoredInode>(*raw, 0);
  const bool third = stored.version == 3;
  if (stored.magic != kInodeMagic ||
      (third != version5_ && stored.version != 2)) {
    return Malformed(
        fmt::format("there is no inode {} at offset {}", number, *offset));
  }
  const auto more =
      third ? *ReadAt<StoredInode3>(*raw, sizeof(StoredInode)) : StoredInode3{};
  Inode inode;
  inode.number = number;
  inode.place = {*offset, raw->size()};
  inode.raw = *raw;
  inode.mode = stored.mode;
  inode.links = stored.version == 1 ? std::uint32_t{stored.old_links}
                                    : std::uint32_t{stored.links};
  inode.uid = stored.uid;
  inode.gid = stored.gid;
  inode.size = stored.size;
  inode.mtime = SecondsOf(stored.mtime, (more.flags2 & kBigTime) != 0);
  inode.realtime = (stored.flags & kRealtime) != 0;
  inode.intact =
      !third || (HasChecksum(*raw, kInodeChecksum) && more.number == number);
  const std::uint64_t start =
      sizeof(StoredInode) + (third ? sizeof(StoredInode3) : 0);
  const std::uint64_t room = raw->size() - start;
  const std::uint64_t split = std::uint64_t{stored.attribute_offset} * 8;
  if (split > room) {
    return Malformed(fmt::format("inode {}: a fork lies outside", number));
  }
  const bool many = (more.flags2 & kMany) != 0;
  const auto fork_at = [&](std::uint8_t format, std::uint64_t extents,
                           std::uint64_t from, std::uint64_t to) {
    return Fork{.format = format,
                .extents = extents,
                .place = {*offset + from, to - from},
                .bytes = *Slice(*raw, from, to - from)};
  };
  inode.data = fork_at(
      stored.format,
      many ? std::uint64_t{stored.many_extents} : std::uint64_t{stored.extents},
      start, split == 0 ? raw->size() : start + split);
  if (split != 0) {
    inode.attributes = fork_at(stored.attribute_format,
                               many ? std::uint64_t{stored.extents}
                                    : std::uint64_t{stored.attribute_extents},
                               start + split, raw->size());
  }
  return inode;
}

}  // namespace assay::formats::xfs
