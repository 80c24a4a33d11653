// VirtualBox disk image, dynamic or static.
// Layout: VirtualBox src/VBox/Storage/VDICore.h (VDIPREHEADER, VDIHEADER1);
// QEMU block/vdi.c.
//
// Claims: header and block map are metadata, blocks are member bytes; what the
// map does not name is padding or slack.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <set>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/guest_disk.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using disks::GuestDisk;

struct Header {
  std::array<std::uint8_t, 64> title = {};
  Le32 signature, version, header_size, type, flags;
  std::array<std::uint8_t, 256> comment = {};
  Le32 map_offset, data_offset;
  Le32 cylinders, heads, sectors, sector_size, unused;
  Le64 size;
  Le32 block_size, block_extra, blocks, allocated;
  std::array<std::uint8_t, 64> ids = {};  // image, snapshot, link, parent
};
static_assert(sizeof(Header) == 456 && FileStruct<Header>);

constexpr std::uint32_t kVersion = 0x00010001;
constexpr std::uint32_t kDynamic = 1;
constexpr std::uint32_t kStatic = 2;
constexpr std::uint32_t kDifferencing = 4;
constexpr std::uint32_t kZeroBlock = 0xFFFFFFFE;  // and 0xFFFFFFFF: not there
constexpr std::uint64_t kLargestDisk = 1ULL << 50U;
constexpr std::uint64_t kPreHeader = 72;  // in front of header_size

std::optional<Header> ReadHeader(ByteView bytes) {
  const auto header = ReadAt<Header>(bytes, 0);
  if (!header || header->signature != 0xBEDA107F ||
      header->version != kVersion || header->header_size < 384 ||
      header->type == 0 || header->type > kDifferencing ||
      !std::has_single_bit(std::uint32_t{header->block_size}) ||
      header->block_size < 512 || header->size > kLargestDisk ||
      header->map_offset < sizeof(Header) ||
      header->data_offset < header->map_offset ||
      header->blocks > kLargestDisk / header->block_size) {
    return std::nullopt;
  }
  const std::uint64_t reach =
      std::uint64_t{header->blocks} * header->block_size;
  return reach < header->size ? std::nullopt : header;
}

Range MapRange(const Header& header) {
  return {header.map_offset, std::uint64_t{header.blocks} * sizeof(Le32)};
}

// Where block number `index` lies.
Range BlockRange(const Header& header, std::uint32_t index) {
  const std::uint64_t step =
      std::uint64_t{header.block_size} + header.block_extra;
  return {header.data_offset + index * step + header.block_extra,
          header.block_size};
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto header = ReadHeader(bytes);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no VDI header");
  }
  const Range map = MapRange(*header);
  if (!Slice(bytes, map.offset, map.length)) {
    return Fail(ErrorCode::kTruncated, "vdi: the block map ends past the end");
  }
  std::uint64_t end = std::max<std::uint64_t>(map.end(), header->data_offset);
  for (std::uint64_t i = 0; i < header->blocks; ++i) {
    const std::uint32_t entry =
        *ReadAt<Le32>(bytes, map.offset + i * sizeof(Le32));
    if (entry < kZeroBlock) {
      end = std::max(end, BlockRange(*header, entry).end());
    }
  }
  return std::min<std::uint64_t>(end, bytes.size());
}

GuestDisk MapBlocks(const ByteSource& source, const Header& header) {
  GuestDisk disk(source, "vdi", header.size);
  std::set<std::uint32_t> seen;
  for (std::uint64_t i = 0; i < header.blocks; ++i) {
    const std::uint32_t entry =
        *ReadAt<Le32>(source.bytes(), header.map_offset + i * sizeof(Le32));
    if (entry >= kZeroBlock) {
      disk.AddHole(header.block_size);
    } else if (!seen.insert(entry).second) {
      disk.AddUnknown(header.block_size,
                      fmt::format("vdi: block {} is named twice", entry));
    } else {
      disk.AddStored(BlockRange(header, entry));
    }
  }
  return disk;
}

bool Matches(ByteView head) {
  return ReadHeader(head).has_value();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto size = Measure(input.source().bytes());
  if (!size) {
    return Fail(size.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : size.error().code,
                size.error().what);
  }
  const ByteSource source = *input.source().Slice({0, *size});
  const Header header = *ReadHeader(source.bytes());
  Coverage coverage;
  const std::uint64_t header_size = std::min<std::uint64_t>(
      kPreHeader + header.header_size, header.map_offset);
  coverage.ClaimFree({0, std::min(header_size, source.size())},
                     RegionUse::kMetadata, sink);
  coverage.ClaimFree(MapRange(header), RegionUse::kMetadata, sink);
  if (header.type == kDifferencing) {
    if (auto ok =
            sink.AddOpaque({.name = "parent"},
                           "external parent disk, zeros stand for its blocks");
        !ok) {
      return ok;
    }
  }
  Member member{.name = "disk"};
  member.meta.xattrs.emplace_back("vdi.type",
                                  header.type == kDynamic  ? "dynamic"
                                  : header.type == kStatic ? "static"
                                                           : "other");
  GuestDisk disk = MapBlocks(source, header);
  auto added = disk.Emit(std::move(member), {}, coverage, sink);
  if (!added) {
    return added;
  }
  coverage.ClaimGaps(source.bytes(), sink);
  if (disk.damage()) {
    return Fail(*disk.damage());
  }
  return {};
}

constexpr Magic kMagics[] = {{"\x7F\x10\xDA\xBE", 64}};  // NOLINT: a table

}  // namespace

extern const Format kVdi;
const Format kVdi = {
    .name = "vdi",
    .title = "VirtualBox disk image",
    .reference = "VirtualBox VDICore.h, VDIHEADER1",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
