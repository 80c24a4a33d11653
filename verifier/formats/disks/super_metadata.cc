#include "verifier/formats/disks/super_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "verifier/base/digest.h"

namespace assay::formats::super {
namespace {

using Checksum = std::array<std::uint8_t, 32>;

struct GeometryBlock {
  Be32 magic;  // "gDla"
  Le32 size;
  Checksum checksum = {};
  Le32 slot_size, slots, logical_block;
};
static_assert(sizeof(GeometryBlock) == 52 && FileStruct<GeometryBlock>);

struct Table {
  Le32 offset, entries, entry_size;
};

struct Header {
  Be32 magic;  // "0PLA"
  Le16 major, minor;
  Le32 size;
  Checksum checksum = {};
  Le32 tables_size;
  Checksum tables_checksum = {};
  Table partitions, extents, groups, devices;
};
static_assert(sizeof(Header) == 128 && FileStruct<Header>);

struct PartitionEntry {
  std::array<std::uint8_t, 36> name = {};
  Le32 attributes, first_extent, extents, group;
};
static_assert(sizeof(PartitionEntry) == 52 && FileStruct<PartitionEntry>);

struct ExtentEntry {
  Le64 sectors;
  Le32 type;
  Le64 first_sector;
  Le32 device;
};
static_assert(sizeof(ExtentEntry) == 24 && FileStruct<ExtentEntry>);

struct DeviceEntry {
  Le64 first_sector;
  Le32 alignment, alignment_offset;
  Le64 size;
  std::array<std::uint8_t, 36> name = {};
  Le32 flags;
};
static_assert(sizeof(DeviceEntry) == 64 && FileStruct<DeviceEntry>);

constexpr std::uint64_t kLargestHeader = 256;
constexpr std::uint64_t kLargestSlot = 1U << 20U;
constexpr std::uint32_t kLinear = 0;
constexpr std::uint32_t kZero = 1;
// Sectors of more than a device of 2^52 bytes do not exist.
constexpr std::uint64_t kMostSectors = 1ULL << 43U;

tl::unexpected<Error> Malformed(std::string_view what, std::uint64_t at) {
  return Fail(ErrorCode::kMalformed,
              fmt::format("android_super: {} at {}", what, at));
}

bool IsDigestOf(const Checksum& stored, ByteView bytes) {
  return Sha256Raw(bytes) == stored;
}

// The entries of a table, or nothing when they lie outside of `tables`.
std::optional<ByteView> EntriesOf(const Table& table, std::uint64_t size,
                                  ByteView tables) {
  return table.entry_size == size && table.entries <= kLargestSlot
             ? Slice(tables, table.offset, table.entries * size)
             : std::nullopt;
}

Result<std::vector<Piece>> ReadPieces(const PartitionEntry& entry,
                                      ByteView extents, std::uint64_t at) {
  const std::uint64_t total = extents.size() / sizeof(ExtentEntry);
  if (entry.first_extent > total ||
      entry.extents > total - entry.first_extent) {
    return Malformed("a partition without its extents", at);
  }
  std::vector<Piece> pieces;
  for (std::uint64_t i = 0; i < entry.extents; ++i) {
    const auto extent = *ReadAt<ExtentEntry>(
        extents, (entry.first_extent + i) * sizeof(ExtentEntry));
    if (extent.type > kZero || extent.sectors > kMostSectors ||
        extent.first_sector > kMostSectors) {
      return Malformed("an extent of unknown type or size", at);
    }
    pieces.push_back({extent.sectors * kSector, extent.type != kLinear,
                      extent.first_sector * kSector, extent.device});
  }
  return pieces;
}

Result<void> ReadPartitions(const Header& header, ByteView tables,
                            std::uint64_t at, Metadata& metadata) {
  const auto partitions =
      EntriesOf(header.partitions, sizeof(PartitionEntry), tables);
  const auto extents = EntriesOf(header.extents, sizeof(ExtentEntry), tables);
  const auto devices = EntriesOf(header.devices, sizeof(DeviceEntry), tables);
  if (!partitions || !extents || !devices || devices->empty()) {
    return Malformed("tables that lie outside", at);
  }
  // Partitions share no extent, so the pieces are not more than extents.
  std::uint64_t pieces = 0;
  metadata.device_size = ReadAt<DeviceEntry>(*devices, 0)->size;
  for (std::uint64_t i = 0; i < header.partitions.entries; ++i) {
    const auto entry =
        *ReadAt<PartitionEntry>(*partitions, i * sizeof(PartitionEntry));
    pieces += entry.extents;
    if (pieces > header.extents.entries) {
      return Malformed("partitions that share extents", at);
    }
    auto read = ReadPieces(entry, *extents, at);
    if (!read) {
      return Fail(read.error());
    }
    const std::string_view name = AsText(entry.name);
    metadata.partitions.push_back(
        {std::string(name.substr(0, name.find('\0'))), std::move(*read)});
  }
  return {};
}

}  // namespace

std::optional<Geometry> ReadGeometry(ByteView bytes, std::uint64_t at) {
  auto block = ReadAt<GeometryBlock>(bytes, at);
  if (!block || block->magic != 0x67446c61U || block->size != sizeof(*block) ||
      block->slot_size == 0 || block->slot_size % kSector != 0 ||
      block->slot_size > kLargestSlot || block->slots == 0 ||
      block->slots > 16) {
    return std::nullopt;
  }
  const Checksum stored = std::exchange(block->checksum, {});
  if (!IsDigestOf(stored, BytesOf(*block))) {
    return std::nullopt;
  }
  return Geometry{block->slot_size, block->slots};
}

Result<Metadata> ReadMetadata(ByteView bytes, std::uint64_t at,
                              std::uint64_t slot_size) {
  auto header = ReadAt<Header>(bytes, at);
  if (!header || header->magic != 0x30504c41U || header->major != 10 ||
      header->size < sizeof(Header) || header->size > kLargestHeader) {
    return Malformed("no metadata header", at);
  }
  Metadata metadata{.size = std::uint64_t{header->size} + header->tables_size};
  const auto head = Slice(bytes, at, header->size);
  const auto tables = Slice(bytes, at + header->size, header->tables_size);
  if (!head || !tables || metadata.size > slot_size) {
    return Malformed("metadata that are cut short", at);
  }
  Bytes blank = CopyOf(*head);
  std::fill_n(blank.begin() + offsetof(Header, checksum), sizeof(Checksum),
              std::uint8_t{0});
  if (!IsDigestOf(header->checksum, blank)) {
    return Malformed("a wrong header checksum", at);
  }
  if (!IsDigestOf(header->tables_checksum, *tables)) {
    return Malformed("a wrong checksum of the tables", at);
  }
  if (auto ok = ReadPartitions(*header, *tables, at, metadata); !ok) {
    return Fail(ok.error());
  }
  return metadata;
}

}  // namespace assay::formats::super
