#include "verifier/formats/filesystems/minix_volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/pointer_map.h"

namespace assay::formats::minix {
namespace {

constexpr std::uint64_t kSuperOffset = 1024;
constexpr std::uint64_t kTables = 2;  // blocks before the bitmaps
constexpr std::size_t kDirect = 7;

template <ByteOrder order>
struct Layout {
  using U16 = Stored<std::uint16_t, order>;
  using U32 = Stored<std::uint32_t, order>;

  struct OldSuper {  // version 1 and 2
    U16 inodes, zones, inode_blocks, zone_blocks, first_zone, log_zone;
    U32 most_size;
    U16 magic, state;
    U32 zones2;
  };
  struct NewSuper {  // version 3
    U32 inodes;
    U16 unused0, inode_blocks, zone_blocks, first_zone, log_zone, unused1;
    U32 most_size, zones;
    U16 magic, unused2, block_size;
    std::uint8_t disk_version;
  };
  struct OldInode {  // version 1
    U16 mode, uid;
    U32 size, time;
    std::uint8_t gid, links;
    std::array<U16, 9> zones;
  };
  struct NewInode {
    U16 mode, links, uid, gid;
    U32 size, atime, mtime, ctime;
    std::array<U32, 10> zones;
  };
  static_assert(sizeof(OldInode) == 32 && sizeof(NewInode) == 64);

  static std::optional<Super> Read(ByteView head) {
    const auto old = ReadAt<OldSuper>(head, kSuperOffset);
    const auto later = ReadAt<NewSuper>(head, kSuperOffset);
    if (old) {
      for (const auto& [magic, version, name_size] :
           {std::tuple(0x137F, 1U, 14U), std::tuple(0x138F, 1U, 30U),
            std::tuple(0x2468, 2U, 14U), std::tuple(0x2478, 2U, 30U)}) {
        if (old->magic == magic && old->log_zone == 0 && old->state <= 3) {
          return From(*old, version, name_size,
                      version == 1 ? std::uint64_t{old->zones}
                                   : std::uint64_t{old->zones2},
                      1024);
        }
      }
    }
    constexpr std::uint16_t kMagic3 = 0x4D5A;
    constexpr std::uint64_t kName3 = 60;
    if (later && later->magic == kMagic3 && later->log_zone == 0) {
      return From(*later, 3, kName3, later->zones, later->block_size);
    }
    return std::nullopt;
  }

  template <typename T>
  static Super From(const T& stored, unsigned version, std::uint64_t name_size,
                    std::uint64_t zones, std::uint64_t block_size) {
    return {.version = version,
            .order = order,
            .name_size = name_size,
            .inodes = stored.inodes,
            .zones = zones,
            .block_size = block_size,
            .inode_blocks = stored.inode_blocks,
            .zone_blocks = stored.zone_blocks,
            .first_zone = stored.first_zone};
  }

  template <typename T>
  static std::uint32_t SetInode(const T& stored, Inode& inode) {
    inode.meta.uid = stored.uid;
    inode.meta.gid = stored.gid;
    inode.links = stored.links;
    inode.size = stored.size;
    inode.zones.assign(stored.zones.begin(), stored.zones.end());
    return stored.mode;
  }

  // Returns the mode.
  static std::uint32_t ReadInode(ByteView raw, Inode& inode) {
    if (raw.size() == sizeof(OldInode)) {
      const auto stored = *ReadAt<OldInode>(raw, 0);
      inode.meta.mtime = stored.time;
      return SetInode(stored, inode);
    }
    const auto stored = *ReadAt<NewInode>(raw, 0);
    inode.meta.mtime = stored.mtime;
    return SetInode(stored, inode);
  }

  static std::uint32_t Short(ByteView bytes, std::uint64_t index) {
    return *ReadAt<U16>(bytes, index * sizeof(U16));
  }
  static std::uint32_t Long(ByteView bytes, std::uint64_t index) {
    return *ReadAt<U32>(bytes, index * sizeof(U32));
  }
};

using Little = Layout<ByteOrder::kLittle>;
using Big = Layout<ByteOrder::kBig>;

std::uint64_t InodeSize(const Super& super) {
  return super.version == 1 ? sizeof(Little::OldInode)
                            : sizeof(Little::NewInode);
}

bool IsConsistent(const Super& super) {
  const std::uint64_t block = super.block_size;
  if (!std::has_single_bit(block) || block < 1024 || block > 32768 ||
      super.inodes == 0 || super.zones <= super.first_zone) {
    return false;
  }
  const std::uint64_t bits = block * 8;
  const std::uint64_t tables = kTables + super.inode_blocks + super.zone_blocks;
  const std::uint64_t inode_blocks =
      (super.inodes * InodeSize(super) + block - 1) / block;
  // The bitmaps have one bit more than they need, and not many blocks.
  return super.first_zone == tables + inode_blocks &&
         super.inode_blocks == super.inodes / bits + 1 &&
         super.zone_blocks >= (super.zones - super.first_zone) / bits + 1 &&
         super.zone_blocks <= super.zones / bits + 1;
}

}  // namespace

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("minix: {}", what));
}

std::optional<Super> Recognize(ByteView head) {
  const auto little = Little::Read(head);
  const auto super = little ? little : Big::Read(head);
  if (!super || !IsConsistent(*super)) {
    return std::nullopt;
  }
  return super;
}

Result<Volume> Volume::Open(const ByteSource& source) {
  const auto super = Recognize(source.bytes());
  if (!super) {
    return Fail(ErrorCode::kNotThisFormat, "minix: no plausible super block");
  }
  Volume volume;
  volume.source_ = source;
  volume.super_ = *super;
  return volume;
}

std::uint64_t Volume::inode_size() const {
  return InodeSize(super_);
}

std::uint64_t Volume::entry_size() const {
  return super_.name_size + (super_.version == 3 ? sizeof(Le32) : sizeof(Le16));
}

std::vector<Range> Volume::Tables() const {
  constexpr std::uint64_t kSuperSize = 32;
  return {{kSuperOffset, kSuperSize},
          {kTables * block_size(),
           (super_.inode_blocks + super_.zone_blocks) * block_size()}};
}

Range Volume::InodeTable() const {
  const Range bitmaps = Tables().back();
  return {bitmaps.end(), super_.inodes * inode_size()};
}

Result<Inode> Volume::ReadInode(std::uint64_t number) const {
  if (number == 0 || number > super_.inodes) {
    return Malformed(fmt::format("there is no inode {}", number));
  }
  Inode inode;
  inode.number = number;
  inode.place = {InodeTable().offset + (number - 1) * inode_size(),
                 inode_size()};
  const auto raw =
      Slice(source_.bytes(), inode.place.offset, inode.place.length);
  if (!raw) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("minix: inode {} lies behind the end", number));
  }
  const std::uint32_t mode = super_.order == ByteOrder::kLittle
                                 ? Little::ReadInode(*raw, inode)
                                 : Big::ReadInode(*raw, inode);
  inode.meta.type = TypeOfMode(mode);
  inode.meta.mode = mode & 07777U;
  if (inode.meta.type == FileType::kRegular && (mode & 0170000U) != 0100000U) {
    return Malformed(
        fmt::format("inode {} is in no use (mode {:o})", number, mode));
  }
  if (inode.meta.type == FileType::kCharDevice ||
      inode.meta.type == FileType::kBlockDevice) {
    SetOldDevice(inode.zones.front(), inode.meta);
  }
  return inode;
}

Entry Volume::EntryIn(ByteView bytes) const {
  const bool little = super_.order == ByteOrder::kLittle;
  const bool wide = super_.version == 3;
  const auto number = wide ? (little ? Little::Long : Big::Long)
                           : (little ? Little::Short : Big::Short);
  std::string_view name =
      AsText(bytes.subspan(wide ? sizeof(Le32) : sizeof(Le16)));
  name = name.substr(0, name.find('\0'));
  return {.name = std::string(name), .inode = number(bytes, 0)};
}

Result<void> Volume::Map(const Inode& inode,
                         const std::function<bool(Range)>& own,
                         std::vector<Extent>& extents) const {
  const bool little = super_.order == ByteOrder::kLittle;
  const bool narrow = super_.version == 1;
  const PointerMap map{
      .top = inode.zones,
      .direct = kDirect,
      .size = inode.size,
      .block_size = block_size(),
      .blocks = super_.zones,
      .per_block = block_size() / (narrow ? sizeof(Le16) : sizeof(Le32)),
      .number_at = narrow ? (little ? Little::Short : Big::Short)
                          : (little ? Little::Long : Big::Long),
      .follow = [&](std::uint64_t block) -> Result<ByteView> {
        const Range range{block * block_size(), block_size()};
        const auto bytes = Slice(source_.bytes(), range.offset, range.length);
        if (!bytes || !own(range)) {
          return Malformed(fmt::format(
              "inode {}: block {} belongs to something else or is not there",
              inode.number, block));
        }
        return *bytes;
      }};
  const auto mapped = MapPointers(map, extents);
  return mapped ? mapped
                : Malformed(fmt::format("inode {}: {}", inode.number,
                                        mapped.error().what));
}

}  // namespace assay::formats::minix
