// The metadata of Android's dynamic partitions (the "super" partition).
// Layout: AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::super {

struct Geometry {
  std::uint64_t slot_size = 0;  // bytes of one copy of the metadata
  std::uint64_t slots = 0;
};

inline constexpr std::uint64_t kReserved = 4096;      // for boot loaders
inline constexpr std::uint64_t kGeometrySize = 4096;  // of each copy
inline constexpr std::uint64_t kSector = 512;

// The geometry at `at`; nothing unless its SHA-256 holds.
[[nodiscard]] std::optional<Geometry> ReadGeometry(ByteView bytes,
                                                   std::uint64_t at);

struct Piece {
  std::uint64_t length = 0;  // in bytes, as `offset`
  bool zero = false;
  std::uint64_t offset = 0;  // in the block device
  std::uint32_t device = 0;
  friend bool operator==(const Piece&, const Piece&) = default;
};

struct Partition {
  std::string name = {};
  std::vector<Piece> pieces = {};
  friend bool operator==(const Partition&, const Partition&) = default;
};

struct Metadata {
  std::uint64_t size = 0;  // of header and tables
  std::vector<Partition> partitions = {};
  std::uint64_t device_size = 0;  // of the first block device
};

// One copy of the metadata, at most `slot_size` bytes at `at`. kMalformed when
// a checksum is wrong or a table lies.
[[nodiscard]] Result<Metadata> ReadMetadata(ByteView bytes, std::uint64_t at,
                                            std::uint64_t slot_size);

}  // namespace assay::formats::super
