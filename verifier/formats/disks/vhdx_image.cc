#include "verifier/formats/disks/vhdx_image.h"

#include <algorithm>
#include <bit>

#include "verifier/base/crc32.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/disks/gpt_table.h"

namespace assay::formats::vhdx {
namespace {

constexpr std::string_view kBat = "2dc27766-f623-4200-9d64-115e9bfd4a08";
constexpr std::string_view kMetadata = "8b7ca206-4790-4b9a-b8fe-575f050f886e";
constexpr std::string_view kParameters = "caa16737-fa36-4d43-b3b6-33f0aa44e76b";
constexpr std::string_view kDiskSize = "2fa54224-cd1b-4876-b211-5dbed83bf4b8";
constexpr std::string_view kSectorSize = "8141bf1d-a96f-4709-ba47-f233a8faab5f";
constexpr std::uint64_t kLargestDisk = 1ULL << 50U;
constexpr std::uint64_t kMegabyte = 1ULL << 20U;
constexpr std::uint32_t kMostEntries = 2047;

// CRC-32C with the four bytes of the checksum, after the signature, as zeros.
bool IsIntact(ByteView block) {
  struct Start {
    Le32 signature, checksum;
  };
  const auto start = ReadAt<Start>(block, 0);
  if (!start) {
    return false;
  }
  std::uint32_t crc = Crc32cRaw(~0U, block.first(4));
  crc = Crc32cRaw(crc, BytesOf(Le32{}));
  crc = ~Crc32cRaw(crc, block.subspan(sizeof(Start)));
  return crc == start->checksum;
}

struct RegionTable {
  Le32 signature, checksum, count, reserved;
};
struct RegionEntry {
  Guid id = {};
  Le64 offset;
  Le32 length, required;
};
struct MetadataTable {
  std::array<std::uint8_t, 8> signature = {};
  Le16 reserved, count;
  std::array<std::uint8_t, 20> reserved2 = {};
};
struct MetadataEntry {
  Guid id = {};
  Le32 offset, length, flags, reserved;
};
static_assert(sizeof(RegionEntry) == 32 && sizeof(MetadataTable) == 32 &&
              sizeof(MetadataEntry) == 32);

std::optional<ByteView> ReadRegions(ByteView bytes, std::uint64_t offset) {
  const auto table = Slice(bytes, offset, kTableSize);
  const auto start = ReadAt<RegionTable>(bytes, offset);
  if (!table || AsText(table->first(4)) != "regi" || !IsIntact(*table) ||
      start->count > kMostEntries) {
    return std::nullopt;
  }
  return table;
}

void FindRegions(ByteView bytes, ByteView table, Image& image) {
  const std::uint32_t count = ReadAt<RegionTable>(table, 0)->count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto entry = ReadAt<RegionEntry>(
        table, sizeof(RegionTable) + std::uint64_t{i} * sizeof(RegionEntry));
    if (!entry || !Slice(bytes, entry->offset, entry->length)) {
      continue;
    }
    const std::string id = disks::TextOfGuid(entry->id);
    if (id == kBat) {
      image.bat = {entry->offset, entry->length};
    } else if (id == kMetadata) {
      image.metadata = {entry->offset, entry->length};
    }
  }
}

void FindItems(ByteView region, Image& image) {
  const auto table = ReadAt<MetadataTable>(region, 0);
  if (!table || AsText(table->signature) != "metadata") {
    return;
  }
  for (std::uint32_t i = 0; i < table->count; ++i) {
    const auto entry = ReadAt<MetadataEntry>(
        region,
        sizeof(MetadataTable) + std::uint64_t{i} * sizeof(MetadataEntry));
    if (!entry || !Slice(region, entry->offset, entry->length)) {
      continue;
    }
    image.items.push_back(
        {image.metadata.offset + entry->offset, entry->length});
    const std::string id = disks::TextOfGuid(entry->id);
    const auto low = ReadAt<Le32>(region, entry->offset);
    const auto high = ReadAt<Le32>(region, std::uint64_t{entry->offset} + 4);
    if (id == kParameters && low && high) {
      image.block_size = *low;
      image.has_parent = (*high & 2U) != 0;
    } else if (id == kDiskSize && low && high) {
      image.size = std::uint64_t{*high} << 32U | *low;
    } else if (id == kSectorSize && low) {
      image.sector = *low;
    }
  }
}

Result<Image> ReadHeaders(ByteView bytes) {
  Image image;
  const auto first = ReadHeader(bytes, kHeaders[0]);
  const auto second = ReadHeader(bytes, kHeaders[1]);
  const auto identifier = Slice(bytes, 0, 8);
  if (!identifier || AsText(*identifier) != "vhdxfile" || (!first && !second)) {
    return Fail(ErrorCode::kNotThisFormat, "no intact VHDX header");
  }
  const bool use_second =
      second && (!first || second->sequence > first->sequence);
  image.header = use_second ? *second : *first;
  image.one_header = !first || !second;
  return image;
}

}  // namespace

bool Image::HasLog() const {
  return !IsZero(header.log);
}

std::optional<Header> ReadHeader(ByteView bytes, std::uint64_t offset) {
  const auto block = Slice(bytes, offset, kHeaderSize);
  if (!block || AsText(block->first(4)) != "head" || !IsIntact(*block)) {
    return std::nullopt;
  }
  return ReadAt<Header>(bytes, offset);
}

Result<Image> ReadImage(ByteView bytes) {
  auto image = ReadHeaders(bytes);
  if (!image) {
    return image;
  }
  const auto first = ReadRegions(bytes, kRegions[0]);
  const auto second = ReadRegions(bytes, kRegions[1]);
  if (!first && !second) {
    return Fail(ErrorCode::kTruncated, "vhdx: no intact region table");
  }
  image->one_table = !first || !second;
  image->tables_differ = first && second && AsText(*first) != AsText(*second);
  FindRegions(bytes, first ? *first : *second, *image);
  if (const auto region =
          Slice(bytes, image->metadata.offset, image->metadata.length)) {
    FindItems(*region, *image);
  }
  if (image->bat.length == 0 || !std::has_single_bit(image->block_size) ||
      image->block_size < kMegabyte || image->block_size > 256 * kMegabyte ||
      (image->sector != 512 && image->sector != 4096) ||
      image->size > kLargestDisk) {
    return Fail(ErrorCode::kMalformed,
                "vhdx: the block table or the metadata are nowhere");
  }
  return image;
}

}  // namespace assay::formats::vhdx
