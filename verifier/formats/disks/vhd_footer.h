// The footer that every VHD ends with, and that a dynamic one begins with.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats::vhd {

// Virtual Hard Disk Image Format Specification 1.0, "Hard Disk Footer Format".
struct Footer {
  std::array<std::uint8_t, 8> cookie = {};
  Be32 features, version;
  Be64 data_offset;
  Be32 time, creator, creator_version, creator_host;
  Be64 original_size, size;
  Be32 geometry, type, checksum;
  std::array<std::uint8_t, 16> id = {};
  std::uint8_t saved_state = 0;
  std::array<std::uint8_t, 427> reserved = {};

  static constexpr std::uint32_t kFixed = 2;
  static constexpr std::uint32_t kDynamic = 3;
  static constexpr std::uint32_t kDifferencing = 4;
};
static_assert(sizeof(Footer) == 512 && FileStruct<Footer>);

inline constexpr std::uint64_t kSector = 512;

// The ones' complement of the sum of all bytes but those of the checksum.
[[nodiscard]] std::uint32_t ChecksumOf(ByteView bytes,
                                       std::uint64_t checksum_at);

// The footer at `offset`, if its checksum holds.
[[nodiscard]] std::optional<Footer> ReadFooter(ByteView bytes,
                                               std::uint64_t offset);

}  // namespace assay::formats::vhd
