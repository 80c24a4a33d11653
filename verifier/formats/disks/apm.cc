// Apple partition map: an optional driver descriptor in block 0 and one entry
// a block from block 1. Big-endian.
// Layout: Inside Macintosh: Devices (1994), chapter 3, "Partition" and
// "Block0"; Linux block/partitions/mac.h.
//
// Claims: descriptor and map are metadata, partitions are members by
// reference; what the map calls free (Apple_Free, Apple_Void) and what it does
// not mention is padding or slack.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/disks/partition_map.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using disks::Partition;
using disks::SectorRange;

struct Descriptor {
  Be16 signature, block_size;
  Be32 block_count;

  static constexpr std::uint16_t kSignature = 0x4552;  // "ER"
};

struct Entry {
  Be16 signature, reserved;
  Be32 map_entries, first, count;
  std::array<std::uint8_t, 32> name = {};
  std::array<std::uint8_t, 32> type = {};
  Be32 data_first, data_count, status;

  static constexpr std::uint16_t kSignature = 0x504D;  // "PM"
};
static_assert(sizeof(Entry) == 92 && FileStruct<Entry>);

constexpr std::uint32_t kMostEntries = 1024;

std::string TextOf(ByteView field) {
  const std::string_view text = AsText(field);
  return std::string(text.substr(0, text.find('\0')));
}

std::optional<Entry> ReadEntry(ByteView bytes, std::uint64_t number,
                               std::uint64_t block) {
  const auto entry = ReadAt<Entry>(bytes, number * block);
  if (!entry || entry->signature != Entry::kSignature) {
    return std::nullopt;
  }
  return entry;
}

// What block 0 and the first entry agree on.
struct Map {
  std::uint64_t block = 512;
  std::uint64_t blocks = 0;  // of the disk; 0: not stated
  std::uint32_t entries = 0;
  bool described = false;  // there is a driver descriptor
};

std::optional<Map> ReadMap(ByteView head) {
  Map map;
  const auto descriptor = ReadAt<Descriptor>(head, 0);
  if (descriptor && descriptor->signature == Descriptor::kSignature) {
    map.described = true;
    map.block = descriptor->block_size;
    map.blocks = descriptor->block_count;
  }
  if (map.block != 512 && map.block != 1024 && map.block != 2048 &&
      map.block != 4096) {
    return std::nullopt;
  }
  const auto first = ReadEntry(head, 1, map.block);
  if (!first || first->reserved != 0 || first->map_entries == 0 ||
      first->map_entries > kMostEntries || first->first == 0 ||
      first->count == 0 || TextOf(first->type).rfind("Apple_", 0) != 0 ||
      disks::HoldsIso(head)) {
    return std::nullopt;
  }
  map.entries = first->map_entries;
  return map;
}

// Space that nobody uses, or that the map itself uses.
bool HoldsNothing(std::string_view type) {
  return type == "Apple_Free" || type == "Apple_Void" ||
         type == "Apple_partition_map";
}

Partition PartitionOf(const Entry& entry, std::uint32_t number,
                      std::uint64_t block) {
  const std::string name = TextOf(entry.name);
  const std::string type = TextOf(entry.type);
  return {.name = fmt::format("p{}.{}", number, name.empty() ? type : name),
          .range = SectorRange(entry.first, entry.count, block),
          .notes = {{"apm.type", type},
                    {"apm.status",
                     fmt::format("{:#010x}", std::uint32_t{entry.status})}}};
}

bool Matches(ByteView head) {
  return ReadMap(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto map = ReadMap(bytes);
  if (!map) {
    return Fail(ErrorCode::kNotThisFormat, "no Apple partition map");
  }
  std::uint64_t end = SectorRange(0, map->blocks, map->block).end();
  for (std::uint32_t i = 1; i <= map->entries; ++i) {
    const auto entry = ReadEntry(bytes, i, map->block);
    if (entry) {
      end = std::max(end,
                     SectorRange(entry->first, entry->count, map->block).end());
    }
  }
  return std::min<std::uint64_t>(end, bytes.size());
}

// Lists the partitions and claims the map.
std::vector<Partition> ReadPartitions(ByteView bytes, const Map& map,
                                      Coverage& coverage, ArtifactSink& sink) {
  std::vector<Partition> partitions;
  for (std::uint32_t i = 1; i <= map.entries; ++i) {
    const Range place{i * map.block, sizeof(Entry)};
    const auto entry = ReadEntry(bytes, i, map.block);
    if (!entry) {
      sink.Report(
          {.id = "apm.bad-entry",
           .range = {std::min<std::uint64_t>(place.offset, bytes.size()), 0},
           .detail = fmt::format("block {} is no map entry", i)});
      break;
    }
    coverage.ClaimFree(place, RegionUse::kMetadata, sink);
    if (entry->map_entries != map.entries) {
      sink.Report({.id = "apm.ambiguous-map",
                   .range = place,
                   .detail = fmt::format(
                       "entry {} says the map has {} entries, the first {}", i,
                       std::uint32_t{entry->map_entries}, map.entries)});
    }
    if (!HoldsNothing(TextOf(entry->type))) {
      partitions.push_back(PartitionOf(*entry, i, map.block));
    }
  }
  return partitions;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto map = ReadMap(input.source().bytes());
  const auto size = Measure(input.source().bytes());
  if (!map || !size) {
    return Fail(ErrorCode::kMalformed, "no Apple partition map");
  }
  const ByteSource disk = *input.source().Slice({0, *size});
  const std::uint64_t stated = SectorRange(0, map->blocks, map->block).end();
  if (stated > disk.size()) {
    sink.Report({.id = "apm.size-mismatch",
                 .range = {0, sizeof(Descriptor)},
                 .detail = fmt::format("the disk has {} bytes, the image {}",
                                       stated, disk.size())});
  }
  Coverage coverage;
  if (map->described) {
    coverage.ClaimFree({0, sizeof(Descriptor)}, RegionUse::kMetadata, sink);
  }
  auto partitions = ReadPartitions(disk.bytes(), *map, coverage, sink);
  auto added =
      disks::AddPartitions(disk, "apm", std::move(partitions), coverage, sink);
  if (added) {
    coverage.ClaimGaps(disk.bytes(), sink);
  }
  return added;
}

constexpr Magic kMagics[] = {{"ER", 0},  // NOLINT: a table
                             {{"PM\0\0", 4}, 512}};

}  // namespace

extern const Format kApm;
const Format kApm = {
    .name = "apm",
    .title = "Apple partition map",
    .reference = "Inside Macintosh: Devices, chapter 3",
    .magics = kMagics,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
