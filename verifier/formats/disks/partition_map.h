// What partition tables share: partitions become members by reference, and
// what lies between them is accounted for.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/format.h"

namespace assay::formats::disks {

struct Partition {
  std::string name = {};
  Range range = {};  // in the disk
  // Type, flags and identifiers as the table has them, as xattrs.
  std::vector<std::pair<std::string, std::string>> notes = {};
};

// The range of `count` sectors from `first`; cut at the largest number that
// a Range can hold.
[[nodiscard]] Range SectorRange(std::uint64_t first, std::uint64_t count,
                                std::uint64_t sector);

// Gives the partitions to the sink in their order. `coverage` holds what the
// tables themselves took. A partition that leaves the disk is cut, one that
// shares bytes with a table or with another partition is said
// ("<format>.overlapping-partitions"); the shared bytes stay with the first.
[[nodiscard]] Result<void> AddPartitions(const ByteSource& disk,
                                         std::string_view format,
                                         std::vector<Partition> partitions,
                                         Coverage& coverage,
                                         ArtifactSink& sink);

// Whether an ISO 9660 volume begins here: images that boot from both kinds of
// medium carry partition tables in its system area, but are file systems.
[[nodiscard]] bool HoldsIso(ByteView head);

}  // namespace assay::formats::disks
