#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/udf_file.h"
#include "verifier/formats/filesystems/udf_volume.h"

namespace assay::formats::udf {
namespace {

// UDF 2.2.9: what a sparable partition map says behind its partition number.
struct SparableMap {
  Le16 packet;
  std::uint8_t tables = 0, reserved = 0;
  Le32 table_size;
  std::array<Le32, 4> places = {};
};
// UDF 2.2.10.
struct MetadataMap {
  Le32 main, mirror, bitmap, unit;
  Le16 alignment;
  std::uint8_t flags = 0;
};
constexpr std::uint64_t kBehindNumber = 40;

struct SparingTable {  // UDF 2.2.12; entries follow
  Tag tag;
  EntityId id;
  Le16 entries, reserved;
  Le32 sequence;
};
static_assert(sizeof(SparingTable) == 56);

std::optional<PartitionMap::Kind> KindOf(std::string_view name) {
  if (name == "*UDF Virtual Partition") {
    return PartitionMap::Kind::kVirtual;
  }
  if (name == "*UDF Sparable Partition") {
    return PartitionMap::Kind::kSparable;
  }
  return name == "*UDF Metadata Partition"
             ? std::optional(PartitionMap::Kind::kMetadata)
             : std::nullopt;
}

// The number of the map of the plain partition that another one lies in.
std::optional<std::uint16_t> PlainMap(const Volume& volume,
                                      std::uint16_t number) {
  for (std::size_t i = 0; i < volume.maps().size(); ++i) {
    const PartitionMap& map = volume.maps()[i];
    if (map.kind == PartitionMap::Kind::kPlain && map.number == number) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return std::nullopt;
}

// The entries of the table there, which is noted; nothing when it is none.
std::optional<ByteView> SparingAt(Volume& volume, std::uint64_t at) {
  const auto table = ReadAt<SparingTable>(volume.bytes(), at);
  if (!table || !TagAt(volume.bytes(), at) ||
      table->id.name() != "*UDF Sparing Table") {
    return std::nullopt;
  }
  const std::uint64_t length = std::uint64_t{8} * table->entries;
  const auto entries = Slice(volume.bytes(), at + sizeof(SparingTable), length);
  if (entries) {
    volume.NoteTable({at, sizeof(SparingTable) + length});
  }
  return entries;
}

Result<void> LoadSparing(Volume& volume, PartitionMap& map) {
  const auto fields = *ReadAt<SparableMap>(map.raw, kBehindNumber);
  if (fields.packet == 0 || fields.tables > fields.places.size()) {
    return Malformed("packets of no block, or too many sparing tables");
  }
  map.packet = fields.packet;
  std::optional<ByteView> newest;
  std::uint32_t sequence = 0;
  for (std::size_t i = 0; i < fields.tables; ++i) {
    const std::uint64_t at = fields.places.at(i) * volume.block_size();
    const auto entries = SparingAt(volume, at);
    const auto table = ReadAt<SparingTable>(volume.bytes(), at);
    if (entries && (!newest || table->sequence > sequence)) {
      newest = entries;
      sequence = table->sequence;
    }
  }
  if (!newest) {
    return Malformed("there is no sparing table");
  }
  for (std::uint64_t entry = 0; entry < newest->size(); entry += 8) {
    const std::uint32_t original = *ReadAt<Le32>(*newest, entry);
    constexpr std::uint32_t kUnused = 0xFFFFFFF0;  // and defective ones
    if (original < kUnused) {
      map.spared[original] = *ReadAt<Le32>(*newest, entry + 4);
    }
  }
  return {};
}

// All of a file that is part of the structure, which becomes metadata.
Result<Bytes> ReadTable(Volume& volume, const Entry& entry) {
  std::vector<Extent> extents;
  const auto own = [&](Range range) {
    volume.NoteTable(range);
    return true;
  };
  if (entry.size > volume.source().size()) {
    return Malformed("a file of the structure is larger than the volume");
  }
  if (const auto ok = MapEntry(volume, entry, own, extents); !ok) {
    return Fail(ok.error());
  }
  FitExtents(extents, entry.size);
  volume.NoteTable(entry.place);
  for (const Extent& extent : extents) {
    volume.NoteTable(extent.hole ? Range{} : extent.range);
  }
  Bytes bytes(static_cast<std::size_t>(entry.size));
  ExtentStream content(volume.source(), extents);
  const auto count = content.Read(bytes);
  return count && *count == bytes.size()
             ? Result<Bytes>(std::move(bytes))
             : Malformed("a file of the structure is cut short");
}

// The newest virtual allocation table is the last thing written (UDF 2.2.11);
// that of UDF 1.50 has no header, but an identifier at its end.
std::optional<std::vector<std::uint32_t>> TableOf(ByteView vat,
                                                  std::uint8_t type) {
  constexpr std::uint64_t kOldTail = 36;
  std::uint64_t first = 0;
  std::uint64_t end = vat.size();
  if (type == kVatType) {
    const auto header = ReadAt<Le16>(vat, 0);
    first = header ? std::uint64_t{*header} : end;
  } else {
    const auto id = vat.size() < kOldTail
                        ? std::nullopt
                        : ReadAt<EntityId>(vat, vat.size() - kOldTail);
    if (!id || id->name() != "*UDF Virtual Alloc Tbl") {
      return std::nullopt;
    }
    end -= kOldTail;
  }
  if (first >= end) {
    return std::nullopt;
  }
  std::vector<std::uint32_t> blocks;
  for (std::uint64_t at = first; at + 4 <= end; at += 4) {
    blocks.push_back(*ReadAt<Le32>(vat, at));
  }
  return blocks;
}

Result<void> LoadVirtual(Volume& volume, PartitionMap& map) {
  const auto plain = PlainMap(volume, map.number);
  if (!plain) {
    return Malformed("a virtual partition lies in no partition");
  }
  const std::uint64_t blocks = volume.source().size() / volume.block_size();
  for (std::uint64_t block = blocks; block-- > map.blocks.offset;) {
    const auto tag = TagAt(volume.bytes(), block * volume.block_size());
    if (!tag || (tag->id != kFileEntry && tag->id != kExtendedFileEntry)) {
      continue;
    }
    const auto entry = ReadEntry(
        volume,
        {*plain, static_cast<std::uint32_t>(block - map.blocks.offset)});
    if (!entry || (entry->type != kVatType && entry->type != 0)) {
      continue;
    }
    const auto content = ReadTable(volume, *entry);
    auto table = content ? TableOf(*content, entry->type) : std::nullopt;
    if (table) {
      map.virtual_blocks = std::move(*table);
      return {};
    }
  }
  return Malformed("there is no virtual allocation table");
}

Result<std::vector<Extent>> MapTable(Volume& volume, Address address) {
  const auto entry = ReadEntry(volume, address);
  if (!entry) {
    return Fail(entry.error());
  }
  volume.NoteTable(entry->place);
  std::vector<Extent> extents;
  const auto ok = MapEntry(
      volume, *entry,
      [&](Range range) {
        volume.NoteTable(range);
        return true;
      },
      extents);
  return ok ? Result<std::vector<Extent>>(std::move(extents))
            : Fail(ok.error());
}

Result<void> LoadMetadata(Volume& volume, PartitionMap& map) {
  const auto fields = *ReadAt<MetadataMap>(map.raw, kBehindNumber);
  const auto plain = PlainMap(volume, map.number);
  if (!plain) {
    return Malformed("a metadata partition lies in no partition");
  }
  auto main = MapTable(volume, {*plain, fields.main});
  auto mirror = MapTable(volume, {*plain, fields.mirror});
  if (!main && !mirror) {
    return Fail(main.error());
  }
  if (main && mirror) {
    map.mirror = *mirror;
  }
  std::uint64_t at = 0;
  for (const Extent& extent : main ? *main : *mirror) {
    if (!extent.hole) {
      map.metadata[at] = extent.range;
    }
    at += extent.range.length;
  }
  constexpr std::uint32_t kNone = 0xFFFFFFFF;
  if (fields.bitmap != kNone) {
    const auto bitmap = ReadEntry(volume, {*plain, fields.bitmap});
    if (!bitmap || !ReadTable(volume, *bitmap)) {
      return Malformed("the metadata bitmap cannot be read");
    }
  }
  return {};
}

}  // namespace

std::optional<PartitionMap> MapIn(ByteView map) {
  constexpr std::size_t kPlainSize = 6, kSpecialSize = 64;
  PartitionMap read{.raw = CopyOf(map)};
  if (map[0] == 1 && map.size() == kPlainSize) {
    read.number = *ReadAt<Le16>(map, 4);
    return read;
  }
  if (map[0] != 2 || map.size() != kSpecialSize) {
    return std::nullopt;
  }
  const auto id = *ReadAt<EntityId>(map, 4);
  const auto kind = KindOf(id.name());
  if (!kind) {
    return std::nullopt;
  }
  read.kind = *kind;
  read.number = *ReadAt<Le16>(map, 38);
  return read;
}

Result<void> LoadMaps(Volume& volume) {
  for (PartitionMap& map : volume.maps()) {
    auto ok =
        map.kind == PartitionMap::Kind::kVirtual    ? LoadVirtual(volume, map)
        : map.kind == PartitionMap::Kind::kSparable ? LoadSparing(volume, map)
        : map.kind == PartitionMap::Kind::kMetadata ? LoadMetadata(volume, map)
                                                    : Result<void>();
    if (!ok) {
      return ok;
    }
  }
  return {};
}

std::optional<Range> Volume::Locate(Address address) const {
  if (address.partition >= maps_.size()) {
    return std::nullopt;
  }
  const PartitionMap& map = maps_[address.partition];
  std::uint64_t block = address.block;
  std::uint64_t count = 1;
  if (map.kind == PartitionMap::Kind::kMetadata) {
    const std::uint64_t at = block * block_size_;
    auto piece = map.metadata.upper_bound(at);
    if (piece == map.metadata.begin()) {
      return std::nullopt;
    }
    --piece;
    const std::uint64_t skip = at - piece->first;
    if (skip >= piece->second.length) {
      return std::nullopt;
    }
    return Range{piece->second.offset + skip, piece->second.length - skip};
  }
  if (map.kind == PartitionMap::Kind::kVirtual) {
    if (block >= map.virtual_blocks.size()) {
      return std::nullopt;
    }
    block = map.virtual_blocks[static_cast<std::size_t>(block)];
  }
  if (block >= map.blocks.length) {
    return std::nullopt;
  }
  if (map.kind == PartitionMap::Kind::kPlain) {
    count = map.blocks.length - block;
  } else if (map.kind == PartitionMap::Kind::kSparable) {
    const std::uint64_t within = block % map.packet;
    count = std::min(map.packet - within, map.blocks.length - block);
    const auto spared =
        map.spared.find(static_cast<std::uint32_t>(block - within));
    if (spared != map.spared.end()) {
      return Range{(spared->second + within) * block_size_,
                   count * block_size_};
    }
  }
  return Range{(map.blocks.offset + block) * block_size_, count * block_size_};
}

}  // namespace assay::formats::udf
