#include "verifier/formats/disks/vmdk_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "verifier/formats/disks/partition_map.h"

namespace assay::formats::vmdk {
namespace {

constexpr std::uint32_t kMagic = 0x4B444D56;  // "KDMV"
constexpr std::uint64_t kAtEnd = ~0ULL;       // the footer has the directory
constexpr std::uint64_t kLargestDisk = 1ULL << 50U;

// In front of a compressed grain, and of tables in a stream.
struct Marker {
  Le64 value;  // the grain's sector in the disk, or sectors that follow
  Le32 size;   // of a grain's data; 0: not a grain, then the type counts
  Le32 type;
};
constexpr std::size_t kGrainHeader = 12;
constexpr std::uint32_t kEndOfStream = 0;
constexpr std::uint32_t kFooter = 3;

std::uint64_t SectorsUp(std::uint64_t bytes) {
  return (bytes + kSector - 1) / kSector * kSector;
}

// A stream of marked grains and tables: where it ends, and its footer.
struct MarkedStream {
  std::uint64_t end = 0;
  std::optional<Header> footer = {};
  std::vector<Range> markers = {};
};

MarkedStream FollowMarkers(ByteView bytes, std::uint64_t from) {
  MarkedStream stream{.end = from};
  while (const auto marker = ReadAt<Marker>(bytes, stream.end)) {
    const std::uint64_t at = stream.end;
    if (marker->size != 0) {
      stream.end = at + SectorsUp(kGrainHeader + std::uint64_t{marker->size});
    } else {
      stream.markers.push_back({at, kSector});
      stream.end = at + kSector;
      if (marker->type == kFooter) {
        stream.footer = ReadHeader(bytes, stream.end);
        stream.markers.push_back({stream.end, kSector});
      }
      if (marker->type == kEndOfStream || marker->type > kFooter ||
          marker->value > bytes.size() / kSector) {
        break;
      }
      stream.end += marker->value * kSector;
    }
  }
  stream.end = std::min<std::uint64_t>(stream.end, bytes.size());
  return stream;
}

class Reader {
 public:
  Reader(const ByteSource& source, const Header& header)
      : source_(source),
        layout_{.header = header, .disk = {source, "vmdk", 0}} {}

  Result<Layout> Read() {
    Note({0, kSector});
    const Header& header = layout_.header;
    Note(disks::SectorRange(header.descriptor_offset, header.descriptor_size,
                            kSector));
    if (header.directory == kAtEnd) {
      const std::uint64_t start =
          disks::SectorRange(header.overhead, 0, kSector).offset;
      const MarkedStream stream = FollowMarkers(source_.bytes(), start);
      if (!stream.footer || stream.footer->directory == kAtEnd) {
        return Fail(ErrorCode::kTruncated,
                    "vmdk: no footer, which has the grain directory");
      }
      for (const Range& marker : stream.markers) {
        Note(marker);
      }
      layout_.header = *stream.footer;
      layout_.end = std::max(layout_.end, stream.end);
    }
    if (auto ok = MapGrains(); !ok) {
      return Fail(ok.error());
    }
    return std::move(layout_);
  }

 private:
  void Note(Range range) {
    if (range.length > 0 &&
        Slice(source_.bytes(), range.offset, range.length)) {
      layout_.metadata.push_back(range);
      layout_.end = std::max(layout_.end, range.end());
    }
  }

  Result<void> MapGrains() {
    const Header& header = layout_.header;
    const std::uint64_t grain = header.grain * kSector;
    const std::uint64_t reach = header.table_entries * grain;
    const std::uint64_t size = header.capacity * kSector;
    const std::uint64_t tables = (size + reach - 1) / reach;
    const Range directory = disks::SectorRange(header.directory, 0, kSector);
    const auto entries =
        Slice(source_.bytes(), directory.offset, tables * sizeof(Le32));
    if (!entries) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("vmdk: the grain directory at {} lies past the "
                              "end",
                              directory.offset));
    }
    Note({directory.offset, entries->size()});
    layout_.disk = disks::GuestDisk(source_, "vmdk", size);
    for (std::uint64_t i = 0; i < tables; ++i) {
      const auto place = ReadAt<Le32>(*entries, i * sizeof(Le32));
      MapTable(place ? *place * kSector : 0, reach);
    }
    CompareRedundant(*entries);
    return {};
  }

  void MapTable(std::uint64_t at, std::uint64_t reach) {
    const Header& header = layout_.header;
    const std::uint64_t length = header.table_entries * sizeof(Le32);
    if (at == 0) {
      layout_.disk.AddHole(reach);
      return;
    }
    const auto table = Slice(source_.bytes(), at, length);
    // Overlapping tables would map far more than the bytes can hold.
    if (!table || !seen_.insert(at).second ||
        (seen_.size() - 1) * length > source_.size()) {
      layout_.disk.AddUnknown(
          reach, fmt::format("vmdk: the grain table at {} lies past the end or "
                             "is named twice",
                             at));
      return;
    }
    Note({at, length});
    for (std::uint64_t i = 0; i < header.table_entries; ++i) {
      const auto place = ReadAt<Le32>(*table, i * sizeof(Le32));
      MapGrain(place ? std::uint64_t{*place} : 0);
    }
  }

  void MapGrain(std::uint64_t sector) {
    const Header& header = layout_.header;
    disks::GuestDisk& disk = layout_.disk;
    const std::uint64_t grain = header.grain * kSector;
    const std::uint64_t at = sector * kSector;
    if (sector == 0 || (sector == 1 && (header.flags & kZeroedGrains) != 0)) {
      disk.AddHole(grain);
      return;
    }
    if ((header.flags & kCompressed) == 0) {
      disk.AddStored({at, grain});
      layout_.end = std::max(layout_.end, std::min(at + grain, source_.size()));
      return;
    }
    const auto marker = ReadAt<Marker>(source_.bytes(), at);
    if (!marker || marker->size == 0 ||
        marker->value != disk.length() / kSector) {
      disk.AddUnknown(grain, fmt::format("vmdk: no marker of sector {} at {}",
                                         disk.length() / kSector, at));
      return;
    }
    Note({at, kGrainHeader});
    disk.AddPacked({at + kGrainHeader, marker->size}, grain);
    layout_.end = std::max(
        layout_.end,
        std::min(at + SectorsUp(kGrainHeader + std::uint64_t{marker->size}),
                 source_.size()));
  }

  // The second directory and its tables repeat the first.
  void CompareRedundant(ByteView directory) {
    const Header& header = layout_.header;
    if ((header.flags & kRedundant) == 0 || header.redundant_directory == 0) {
      return;
    }
    const Range place =
        disks::SectorRange(header.redundant_directory, 0, kSector);
    const auto second = Slice(source_.bytes(), place.offset, directory.size());
    if (!second) {
      layout_.tables_differ = true;
      return;
    }
    Note({place.offset, second->size()});
    const std::uint64_t length = header.table_entries * sizeof(Le32);
    std::uint64_t compared = 0;
    for (std::uint64_t at = 0; at < directory.size(); at += sizeof(Le32)) {
      const std::uint64_t a = *ReadAt<Le32>(directory, at) * kSector;
      const std::uint64_t b = *ReadAt<Le32>(*second, at) * kSector;
      const auto first_table = Slice(source_.bytes(), a, length);
      const auto second_table = Slice(source_.bytes(), b, length);
      compared += a != 0 ? length : 0;
      if ((a == 0) != (b == 0) || compared / 2 > source_.size()) {
        layout_.tables_differ = true;
        break;
      }
      if (a != 0 && second_table) {
        Note({b, length});
        layout_.tables_differ = layout_.tables_differ || !first_table ||
                                AsText(*first_table) != AsText(*second_table);
      }
    }
  }

  const ByteSource& source_;
  Layout layout_;
  std::set<std::uint64_t> seen_;  // tables
};

}  // namespace

std::optional<Header> ReadHeader(ByteView bytes, std::uint64_t offset) {
  const auto header = ReadAt<Header>(bytes, offset);
  constexpr std::uint32_t kMostEntries = 1U << 16U;
  constexpr std::uint64_t kLargestGrain = 1U << 16U;
  if (!header || header->magic != kMagic || header->version == 0 ||
      header->version > 3 || header->grain == 0 ||
      header->grain > kLargestGrain ||
      !std::has_single_bit(std::uint64_t{header->grain}) ||
      header->table_entries == 0 || header->table_entries > kMostEntries ||
      header->capacity > kLargestDisk / kSector || (header->flags & 1U) == 0 ||
      AsText(header->line_ends) != "\n \r\n" || header->compression > 1) {
    return std::nullopt;
  }
  return header;
}

Result<Layout> ReadLayout(const ByteSource& source) {
  const auto header = ReadHeader(source.bytes(), 0);
  if (!header) {
    return Fail(ErrorCode::kNotThisFormat, "no VMDK header");
  }
  return Reader(source, *header).Read();
}

}  // namespace assay::formats::vmdk
