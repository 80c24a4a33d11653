#include "verifier/formats/filesystems/erofs_image.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::erofs {
namespace {

constexpr std::uint32_t kMagic = 0xe0f5e1e2;
constexpr std::uint64_t kSlot = 32;  // a node id counts these
constexpr std::uint64_t kSlotOfSuper = 16;
constexpr std::uint64_t kDeviceSlot = 128;
// More pieces than a file of the largest size in the smallest usual chunks.
constexpr std::size_t kMostExtents = 2U << 20U;

struct CompactInode {
  Le16 format, xattr_count, mode, links;
  Le32 size, mtime, start, number;
  Le16 uid, gid;
  Le32 reserved;
};
static_assert(sizeof(CompactInode) == 32 && FileStruct<CompactInode>);

struct ExtendedInode {
  Le16 format, xattr_count, mode, reserved;
  Le64 size;
  Le32 start, number, uid, gid;
  Le64 mtime;
  Le32 nanoseconds, links;
  std::array<std::uint8_t, 16> reserved2 = {};
};
static_assert(sizeof(ExtendedInode) == 64 && FileStruct<ExtendedInode>);

struct XattrHeader {
  Le32 name_filter;
  std::uint8_t shared = 0;
  std::array<std::uint8_t, 7> reserved = {};
};
static_assert(sizeof(XattrHeader) == 12);

struct XattrEntry {
  std::uint8_t name_size = 0, index = 0;
  Le16 value_size;
};

// Linux new_decode_dev().
void SetDevice(std::uint32_t raw, FileMetadata& meta) {
  if (meta.type == FileType::kCharDevice ||
      meta.type == FileType::kBlockDevice) {
    meta.device_major = raw >> 8U & 0xfffU;
    meta.device_minor = (raw & 0xffU) | (raw >> 12U & 0xfff00U);
  }
}

void Append(std::vector<Extent>& extents, Extent extent) {
  if (!extents.empty()) {
    Extent& last = extents.back();
    if (last.hole == extent.hole &&
        (extent.hole || last.range.end() == extent.range.offset)) {
      last.range.length += extent.range.length;
      return;
    }
  }
  extents.push_back(extent);
}

}  // namespace

bool HasSuper(ByteView head) {
  const auto super = ReadAt<Super>(head, kSuperAt);
  if (!super || super->magic != kMagic || super->block_bits < 9 ||
      super->block_bits > 16 || super->directory_bits != 0 ||
      super->blocks == 0 || super->inodes == 0) {
    return false;
  }
  // More than an inode a slot is not possible.
  const std::uint64_t size = std::uint64_t{super->blocks} << super->block_bits;
  return super->inodes <= size / kSlot && super->meta_block < super->blocks &&
         super->xattr_block <= super->blocks &&
         kSuperAt + sizeof(Super) + super->extra_slots * kSlotOfSuper <= size;
}

std::optional<bool> ChecksumHolds(ByteView bytes) {
  auto super = ReadAt<Super>(bytes, kSuperAt);
  if (!super) {
    return std::nullopt;
  }
  if ((super->compatible & kHasChecksum) == 0) {
    return true;
  }
  // From the super block to the end of its block.
  const std::uint64_t block = 1ULL << super->block_bits;
  const std::uint64_t length = block > kSuperAt ? block - kSuperAt : block;
  const auto rest =
      Slice(bytes, kSuperAt + sizeof(Super),
            std::max<std::uint64_t>(length, sizeof(Super)) - sizeof(Super));
  if (!rest) {
    return std::nullopt;
  }
  const std::uint32_t stored = super->checksum;
  super->checksum = {};
  return Crc32cRaw(Crc32cRaw(~0U, BytesOf(*super)), *rest) == stored;
}

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("erofs: {}", what));
}

Result<Image> Image::Open(const ByteSource& source, const Limits& limits,
                          std::function<void(Range)> visited) {
  if (!HasSuper(source.bytes())) {
    return Fail(ErrorCode::kNotThisFormat, "no EROFS super block");
  }
  Image image;
  image.super_ = *ReadAt<Super>(source.bytes(), kSuperAt);
  const std::uint64_t size = std::uint64_t{image.super_.blocks}
                             << image.super_.block_bits;
  if (size > source.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("erofs: the super block states {} bytes, {} are "
                            "there",
                            size, source.size()));
  }
  if ((image.super_.incompatible & ~kKnownFeatures) != 0) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("erofs: incompatible features {:#x}",
                            std::uint32_t{image.super_.incompatible}));
  }
  image.source_ = *source.Slice({0, size});
  image.visited_ = std::move(visited);
  image.limits_ = limits;
  image.work_left_ = limits.unpacked;
  image.Visit(
      {kSuperAt, sizeof(Super) + image.super_.extra_slots * kSlotOfSuper});
  image.Visit({image.super_.device_slot * kDeviceSlot,
               image.super_.extra_devices * kDeviceSlot});
  return image;
}

Result<void> Image::Spend(std::uint64_t decoded) {
  if (decoded > work_left_) {
    return Fail(ErrorCode::kLimit, "erofs: too many blocks to decode");
  }
  work_left_ -= decoded;
  return {};
}

Result<Inode> Image::ReadInode(std::uint64_t nid,
                               std::optional<Error>& odd) const {
  const ByteView bytes = source_.bytes();
  const std::uint64_t base = std::uint64_t{super_.meta_block}
                             << super_.block_bits;
  const auto compact = nid < bytes.size() / kSlot
                           ? ReadAt<CompactInode>(bytes, base + nid * kSlot)
                           : std::nullopt;
  if (!compact) {
    return Malformed(fmt::format("inode {} lies outside of the image", nid));
  }
  const std::uint64_t at = base + nid * kSlot;
  const unsigned layout = compact->format >> 1U & 7U;
  if (layout > static_cast<unsigned>(Layout::kChunks) ||
      (compact->format & ~0xfU) != 0) {
    return Fail(ErrorCode::kUnsupported,
                fmt::format("erofs: inode {} of format {:#x}", nid,
                            std::uint16_t{compact->format}));
  }
  Inode inode{.nid = nid, .layout = static_cast<Layout>(layout)};
  inode.meta.type = TypeOfMode(compact->mode);
  inode.meta.mode = compact->mode & 07777U;
  std::uint64_t size = sizeof(CompactInode);
  if ((compact->format & 1U) != 0) {
    const auto extended = ReadAt<ExtendedInode>(bytes, at);
    if (!extended) {
      return Malformed(fmt::format("inode {} is cut short", nid));
    }
    size = sizeof(ExtendedInode);
    inode.size = extended->size;
    inode.start = extended->start;
    inode.links = extended->links;
    inode.meta.uid = extended->uid;
    inode.meta.gid = extended->gid;
    inode.meta.mtime =
        static_cast<std::int64_t>(std::uint64_t{extended->mtime});
  } else {
    inode.size = compact->size;
    inode.start = compact->start;
    inode.links = compact->links;
    inode.meta.uid = compact->uid;
    inode.meta.gid = compact->gid;
    inode.meta.mtime = static_cast<std::int64_t>(super_.epoch + compact->mtime);
  }
  SetDevice(inode.start, inode.meta);
  const std::uint64_t xattrs =
      compact->xattr_count == 0
          ? 0
          : sizeof(XattrHeader) + (compact->xattr_count - 1U) * sizeof(Le32);
  inode.body = at + size + xattrs;
  Visit({at, std::min<std::uint64_t>(size + xattrs, bytes.size() - at)});
  if (xattrs > 0) {
    if (const auto ok = ReadXattrs(at + size, xattrs, inode); !ok) {
      odd = ok.error();
    }
  }
  return inode;
}

Result<void> Image::ReadXattrs(std::uint64_t at, std::uint64_t size,
                               Inode& inode) const {
  const ByteView bytes = source_.bytes();
  const auto header = ReadAt<XattrHeader>(bytes, at);
  const std::uint64_t end = at + size;
  if (!header || end > bytes.size() ||
      header->shared * sizeof(Le32) > size - sizeof(XattrHeader)) {
    return Malformed(fmt::format("attributes at {} are cut short", at));
  }
  at += sizeof(XattrHeader);
  for (unsigned i = 0; i < header->shared; ++i, at += sizeof(Le32)) {
    const std::uint64_t id = *ReadAt<Le32>(bytes, at);
    const std::uint64_t shared =
        (std::uint64_t{super_.xattr_block} << super_.block_bits) +
        id * sizeof(Le32);
    const auto next = AddXattr(shared, bytes.size(), inode);
    if (!next) {
      return Fail(next.error());
    }
    Visit({shared, *next - shared});
  }
  while (at < end) {
    // The rest of the body may be zeros.
    if (end - at < sizeof(XattrEntry) ||
        AllAre(*Slice(bytes, at, end - at), 0)) {
      break;
    }
    const auto next = AddXattr(at, end, inode);
    if (!next) {
      return Fail(next.error());
    }
    at = *next;
  }
  return {};
}

// Returns where the next entry begins.
Result<std::uint64_t> Image::AddXattr(std::uint64_t at, std::uint64_t end,
                                      Inode& inode) const {
  constexpr unsigned kLongPrefix = 0x80;
  const ByteView bytes = source_.bytes();
  const auto entry = ReadAt<XattrEntry>(bytes, at);
  const std::uint64_t name_at = at + sizeof(XattrEntry);
  const auto name =
      entry ? Slice(bytes, name_at, entry->name_size) : std::nullopt;
  const auto value =
      name ? Slice(bytes, name_at + name->size(), entry->value_size)
           : std::nullopt;
  if (!value || name_at + name->size() + value->size() > end) {
    return Malformed(fmt::format("the attribute at {} is cut short", at));
  }
  std::optional<std::string_view> prefix;
  if ((entry->index & kLongPrefix) == 0) {
    prefix = PrefixOf(entry->index);
  } else if (const std::size_t number = entry->index & (kLongPrefix - 1);
             number < prefixes_.size()) {
    prefix = prefixes_[number];
  }
  if (!prefix) {
    return Malformed(
        fmt::format("the attribute at {} has prefix {}", at, entry->index));
  }
  inode.meta.xattrs.emplace_back(
      std::string(*prefix) + std::string(AsText(*name)), AsText(*value));
  const std::uint64_t next = name_at + name->size() + value->size();
  return std::min(next + GapTo(sizeof(Le32), next), end);
}

Result<std::vector<Extent>> Image::Extents(const Inode& inode) const {
  if (inode.layout == Layout::kChunks) {
    return ChunkExtents(inode);
  }
  std::vector<Extent> extents;
  const std::uint64_t block = block_size();
  std::uint64_t tail = 0;
  if (inode.layout == Layout::kInline && inode.size > 0) {
    tail = (inode.size - 1) % block + 1;
  }
  if (inode.size > tail) {
    extents.push_back(
        {{std::uint64_t{inode.start} << super_.block_bits, inode.size - tail}});
  }
  if (tail > 0) {
    extents.push_back({{inode.body, tail}});
  }
  for (const Extent& extent : extents) {
    if (!Slice(source_.bytes(), extent.range.offset, extent.range.length)) {
      return Malformed(fmt::format("inode {} has {} bytes at {}", inode.nid,
                                   extent.range.length, extent.range.offset));
    }
  }
  return extents;
}

Result<std::vector<Extent>> Image::ChunkExtents(const Inode& inode) const {
  struct ChunkIndex {
    Le16 start_high, device;
    Le32 block;
  };
  constexpr std::uint32_t kBits = 0x1f;
  constexpr std::uint32_t kIndexes = 0x20;
  constexpr std::uint32_t kHole = 0xffffffff;
  const unsigned chunk_bits = super_.block_bits + (inode.start & kBits);
  if ((inode.start & 0xffffU & ~(kBits | kIndexes)) != 0 || chunk_bits > 40) {
    return Malformed(fmt::format("inode {} has chunks of format {:#x}",
                                 inode.nid, inode.start));
  }
  const bool indexes = (inode.start & kIndexes) != 0;
  const std::uint64_t unit = indexes ? sizeof(ChunkIndex) : sizeof(Le32);
  const std::uint64_t table = inode.body + GapTo(unit, inode.body);
  const std::uint64_t chunk = 1ULL << chunk_bits;
  const std::uint64_t count =
      inode.size / chunk + (inode.size % chunk != 0 ? 1 : 0);
  const ByteView bytes = source_.bytes();
  if (count > bytes.size() / unit || !Slice(bytes, table, count * unit)) {
    return Malformed(
        fmt::format("the chunk table of inode {} lies outside", inode.nid));
  }
  Visit({table, count * unit});
  std::vector<Extent> extents;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = table + i * unit;
    std::uint32_t block = 0;
    if (indexes) {
      const auto index = *ReadAt<ChunkIndex>(bytes, at);
      block = index.block;
      if (index.device != 0 && block != kHole) {
        return Fail(ErrorCode::kUnsupported,
                    fmt::format("erofs: a chunk lies on device {}",
                                std::uint16_t{index.device}));
      }
    } else {
      block = *ReadAt<Le32>(bytes, at);
    }
    const std::uint64_t length = std::min(chunk, inode.size - i * chunk);
    const std::uint64_t start = std::uint64_t{block} << super_.block_bits;
    if (block != kHole && !Slice(bytes, start, length)) {
      return Malformed(
          fmt::format("inode {} has a chunk at block {}", inode.nid, block));
    }
    Append(extents, {{start, length}, block == kHole});
    if (extents.size() > kMostExtents) {
      return Fail(ErrorCode::kLimit, "erofs: too many chunks");
    }
  }
  return extents;
}

}  // namespace assay::formats::erofs
