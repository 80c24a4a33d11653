#include "verifier/formats/disks/dmg_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "verifier/formats/disks/plist_xml.h"

namespace assay::formats::dmg {
namespace {

constexpr std::uint64_t kMostXml = 16ULL << 20U;
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

struct TableHeader {
  std::array<std::uint8_t, 4> signature = {};
  Be32 version;
  Be64 first_sector, sectors, data_offset;
  Be32 buffers, descriptors;
  std::array<std::uint8_t, 24> reserved = {};
  Checksum checksum = {};
  Be32 chunks;
};
static_assert(sizeof(TableHeader) == 204 && FileStruct<TableHeader>);

struct ChunkEntry {
  Be32 type, comment;
  Be64 first_sector, sectors, offset, length;
};
static_assert(sizeof(ChunkEntry) == 40 && FileStruct<ChunkEntry>);

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("dmg: {}", what));
}

// Sectors as bytes; nothing when no disk has so many.
std::optional<Range> BytesOf(std::uint64_t first, std::uint64_t count) {
  constexpr std::uint64_t kMostSectors = kMost / kSector;
  if (first > kMostSectors || count > kMostSectors - first) {
    return std::nullopt;
  }
  return Range{first * kSector, count * kSector};
}

Result<Table> ReadTable(ByteView raw, std::string name,
                        std::uint64_t data_offset) {
  const auto header = ReadAt<TableHeader>(raw, 0);
  if (!header || AsText(header->signature) != "mish" || header->version != 1) {
    return Malformed("a partition has no block table");
  }
  const auto place = BytesOf(header->first_sector, header->sectors);
  const std::uint64_t room =
      (raw.size() - sizeof(TableHeader)) / sizeof(ChunkEntry);
  if (!place || header->chunks > room || header->data_offset > kMost / 2) {
    return Malformed("a block table contradicts itself");
  }
  Table table{
      .name = std::move(name), .place = *place, .crc = header->checksum.Crc()};
  for (std::uint64_t i = 0; i < header->chunks; ++i) {
    const auto entry =
        *ReadAt<ChunkEntry>(raw, sizeof(TableHeader) + i * sizeof(ChunkEntry));
    const std::uint64_t first = entry.first_sector;
    if (entry.type == kEnd) {
      break;
    }
    if (entry.type == kComment) {
      continue;
    }
    const auto inside = BytesOf(first, entry.sectors);
    if (!inside || inside->end() > place->length || entry.offset > kMost / 2) {
      return Malformed(fmt::format(
          "chunk {} lies outside of its partition \"{}\"", i, table.name));
    }
    table.chunks.push_back(
        {.type = entry.type,
         .place = {place->offset + inside->offset, inside->length},
         .data = {data_offset + header->data_offset + entry.offset,
                  entry.length}});
  }
  return table;
}

// The table of one partition in the property list.
Result<Table> TableIn(const PlistNode& block, std::uint64_t data_offset) {
  const PlistNode* data = block.Find("Data");
  const PlistNode* name = block.Find("Name");
  const auto raw = data != nullptr ? PlistData(*data) : std::nullopt;
  return raw ? ReadTable(AsBytes(*raw), name != nullptr ? name->text : "",
                         data_offset)
             : Malformed("a partition has no block table");
}

bool LiesIn(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

}  // namespace

std::optional<Trailer> ReadTrailer(ByteView bytes) {
  if (bytes.size() < sizeof(Trailer)) {
    return std::nullopt;
  }
  const std::uint64_t at = bytes.size() - sizeof(Trailer);
  const auto trailer = ReadAt<Trailer>(bytes, at);
  const bool good =
      AsText(trailer->signature) == "koly" && trailer->version == 4 &&
      trailer->header_size == sizeof(Trailer) &&
      LiesIn(trailer->data_offset, trailer->data_length, at) &&
      LiesIn(trailer->resource_offset, trailer->resource_length, at) &&
      LiesIn(trailer->xml_offset, trailer->xml_length, at) &&
      LiesIn(trailer->signature_offset, trailer->signature_length, at) &&
      (trailer->xml_length > 0 || trailer->resource_length > 0);
  return good ? trailer : std::nullopt;
}

Result<std::vector<Table>> ReadTables(ByteView bytes, const Trailer& trailer) {
  const auto xml = Slice(bytes, trailer.xml_offset, trailer.xml_length);
  if (!xml || xml->empty()) {
    return Fail(ErrorCode::kUnsupported,
                "dmg: its tables are in a resource fork");
  }
  if (xml->size() > kMostXml) {
    return Fail(ErrorCode::kLimit,
                fmt::format("dmg: {} bytes of XML", xml->size()));
  }
  const auto plist = ReadPlistXml(AsText(*xml));
  const PlistNode* forks = plist ? plist->Find("resource-fork") : nullptr;
  const PlistNode* blocks = forks != nullptr ? forks->Find("blkx") : nullptr;
  if (blocks == nullptr || blocks->children.empty()) {
    return Malformed("the property list names no partitions");
  }
  std::vector<Table> tables;
  for (const auto& [key, block] : blocks->children) {
    auto table = TableIn(block, trailer.data_offset);
    if (!table) {
      return Fail(table.error());
    }
    tables.push_back(std::move(*table));
  }
  return tables;
}

}  // namespace assay::formats::dmg
