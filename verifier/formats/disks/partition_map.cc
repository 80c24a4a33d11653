#include "verifier/formats/disks/partition_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace assay::formats::disks {
namespace {

// Partitions that overlap each other more often than this are not read again:
// a table of a thousand entries would make a thousand products of one disk.
constexpr std::uint64_t kMostReadings = 4;

// ECMA-119, section 8.4: the part of a primary volume descriptor that proves
// itself, as numbers are stored in both byte orders.
struct VolumeDescriptor {
  std::uint8_t type = 0;
  std::array<std::uint8_t, 5> identifier = {};
  std::uint8_t version = 0;
  std::array<std::uint8_t, 73> names = {};
  Le32 blocks_le;
  Be32 blocks_be;
};
static_assert(FileStruct<VolumeDescriptor>);
constexpr std::uint64_t kVolumeDescriptor = 16 * 2048;

}  // namespace

Range SectorRange(std::uint64_t first, std::uint64_t count,
                  std::uint64_t sector) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t most = kMost / sector;
  const std::uint64_t start = std::min(first, most);
  return {start * sector, std::min(count, most - start) * sector};
}

Result<void> AddPartitions(const ByteSource& disk, std::string_view format,
                           std::vector<Partition> partitions,
                           Coverage& coverage, ArtifactSink& sink) {
  std::uint64_t read = 0;
  for (Partition& partition : partitions) {
    const Range stated = partition.range;
    const std::uint64_t start = std::min(stated.offset, disk.size());
    const Range range{start, std::min(stated.length, disk.size() - start)};
    Member member{.name = std::move(partition.name)};
    member.meta.xattrs = std::move(partition.notes);
    if (range != stated) {
      sink.Report({.id = fmt::format("{}.size-mismatch", format),
                   .range = range,
                   .detail = fmt::format("{} is at {}+{}, the image ends at {}",
                                         member.name, stated.offset,
                                         stated.length, disk.size())});
    }
    const bool overlaps = coverage.Touches(range);
    if (overlaps) {
      sink.Report({.id = fmt::format("{}.overlapping-partitions", format),
                   .range = range,
                   .detail = fmt::format("{} shares bytes with a table or "
                                         "another partition",
                                         member.name)});
    } else {
      member.origin = range;
      member.stored = true;
    }
    read += range.length;
    Result<void> added;
    if (overlaps && (range.offset == 0 || read / kMostReadings > disk.size())) {
      added =
          sink.AddOpaque(std::move(member), "overlaps what was already read");
    } else {
      added = sink.Add(std::move(member), *disk.Slice(range));
    }
    if (!added) {
      return added;
    }
    if (overlaps) {
      coverage.ClaimFree(range, RegionUse::kMember, sink);
    }
    coverage.Add(range);
  }
  return {};
}

bool HoldsIso(ByteView head) {
  const auto volume = ReadAt<VolumeDescriptor>(head, kVolumeDescriptor);
  return volume && volume->type == 1 && volume->version == 1 &&
         AsText(volume->identifier) == "CD001" && volume->blocks_le != 0 &&
         volume->blocks_le == volume->blocks_be;
}

}  // namespace assay::formats::disks
