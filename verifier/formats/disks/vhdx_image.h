// The headers, regions and metadata of a VHDX file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats::vhdx {

using Guid = std::array<std::uint8_t, 16>;

// MS-VHDX, section 2.2.2.
struct Header {
  Le32 signature, checksum;
  Le64 sequence;
  Guid file_write = {}, data_write = {}, log = {};
  Le16 log_version, version;
  Le32 log_length;
  Le64 log_offset;
};
static_assert(sizeof(Header) == 80 && FileStruct<Header>);

inline constexpr std::uint64_t kIdentifier = 520;   // with its creator
inline constexpr std::uint64_t kHeaderSize = 4096;  // what the CRC covers
inline constexpr std::uint64_t kTableSize = 65536;  // of regions, of metadata
inline constexpr std::array<std::uint64_t, 2> kHeaders = {64U << 10U,
                                                          128U << 10U};
inline constexpr std::array<std::uint64_t, 2> kRegions = {192U << 10U,
                                                          256U << 10U};

struct Image {
  Header header = {};
  bool one_header = false;     // the other one is not intact
  bool one_table = false;      // the same of the region tables
  bool tables_differ = false;  // both are intact
  Range bat = {};
  Range metadata = {};
  std::vector<Range> items = {};  // of the metadata
  std::uint64_t block_size = 0;
  bool has_parent = false;
  std::uint64_t size = 0;    // of the disk
  std::uint64_t sector = 0;  // logical

  // Every so many payload blocks an entry of the table is of a bitmap.
  [[nodiscard]] std::uint64_t ChunkRatio() const {
    return (1ULL << 23U) * sector / block_size;
  }
  [[nodiscard]] bool HasLog() const;
};

// The intact header at `offset`.
[[nodiscard]] std::optional<Header> ReadHeader(ByteView bytes,
                                               std::uint64_t offset);
[[nodiscard]] Result<Image> ReadImage(ByteView bytes);

}  // namespace assay::formats::vhdx
