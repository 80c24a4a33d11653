// The tables of a VMware sparse extent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"
#include "verifier/formats/disks/guest_disk.h"

namespace assay::formats::vmdk {

// Virtual Disk Format 5.0, "Hosted Sparse Extent Header". Offsets and sizes
// are in sectors.
struct Header {
  Be32 magic;
  Le32 version, flags;
  Le64 capacity, grain, descriptor_offset, descriptor_size;
  Le32 table_entries;
  Le64 redundant_directory, directory, overhead;
  std::uint8_t unclean = 0;
  std::array<std::uint8_t, 4> line_ends = {};
  Le16 compression;
};
static_assert(sizeof(Header) == 79 && FileStruct<Header>);

inline constexpr std::uint64_t kSector = 512;
inline constexpr std::uint32_t kRedundant = 2;
inline constexpr std::uint32_t kZeroedGrains = 4;
inline constexpr std::uint32_t kCompressed = 1U << 16U;
inline constexpr std::uint32_t kMarkers = 1U << 17U;

// The header at `offset`, if its fields are plausible.
[[nodiscard]] std::optional<Header> ReadHeader(ByteView bytes,
                                               std::uint64_t offset);

// What a sparse extent consists of.
struct Layout {
  Header header = {};                // the one that counts
  std::vector<Range> metadata = {};  // headers, descriptor, tables, markers
  bool tables_differ = false;        // the redundant ones from the others
  std::uint64_t end = 0;             // of all of them and of the data
  disks::GuestDisk disk;
};

// kNotThisFormat without a header, kTruncated when its directory is nowhere.
[[nodiscard]] Result<Layout> ReadLayout(const ByteSource& source);

}  // namespace assay::formats::vmdk
