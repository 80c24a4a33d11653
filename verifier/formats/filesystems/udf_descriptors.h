// What every UDF structure is made of: descriptor tags, addresses, names and
// timestamps. Layouts: ECMA-167 3rd edition, 1/7, 3/7, 4/7; OSTA UDF 2.60,
// section 2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::formats::udf {

// ECMA-167 3/7.2, 4/7.2.
struct Tag {
  Le16 id, version;
  std::uint8_t checksum = 0, reserved = 0;
  Le16 serial, crc, crc_length;
  Le32 location;
};
static_assert(sizeof(Tag) == 16 && FileStruct<Tag>);

enum TagId : std::uint16_t {
  kSparingTable = 0,
  kPrimaryVolume = 1,
  kAnchor = 2,
  kVolumePointer = 3,
  kImplementationUse = 4,
  kPartition = 5,
  kLogicalVolume = 6,
  kUnallocatedSpace = 7,
  kTerminating = 8,
  kIntegrity = 9,
  kFileSet = 256,
  kFileIdentifier = 257,
  kAllocationExtent = 258,
  kIndirectEntry = 259,
  kFileEntry = 261,
  kAttributeHeader = 262,
  kUnallocatedEntry = 263,
  kSpaceBitmap = 264,
  kExtendedFileEntry = 266,
};

// The tag at `offset`, when its checksum and the CRC of what follows hold.
[[nodiscard]] std::optional<Tag> TagAt(ByteView bytes, std::uint64_t offset);

struct ExtentAd {  // ECMA-167 3/7.1
  Le32 length, block;
};
struct ShortAd {  // 4/14.14.1
  Le32 length, block;
};
struct LongAd {  // 4/14.14.2
  Le32 length, block;
  Le16 partition;
  std::array<std::uint8_t, 6> use = {};
};
static_assert(sizeof(LongAd) == 16 && FileStruct<LongAd>);

struct EntityId {  // 1/7.4
  std::uint8_t flags = 0;
  std::array<char, 23> id = {};
  std::array<std::uint8_t, 8> suffix = {};

  [[nodiscard]] std::string_view name() const;
};
static_assert(sizeof(EntityId) == 32 && FileStruct<EntityId>);

// A block, counted from the start of a partition.
struct Address {
  std::uint16_t partition = 0;  // number of its map
  std::uint32_t block = 0;
};
[[nodiscard]] inline Address AddressOf(const LongAd& ad) {
  return {.partition = ad.partition, .block = ad.block};
}

// The upper two bits of a length say whether the extent is recorded.
inline constexpr std::uint32_t kLengthMask = 0x3FFFFFFF;

// OSTA compressed Unicode (UDF 2.1.1): a byte that says how wide the
// characters are, then these.
[[nodiscard]] std::string NameOf(ByteView stored);

// Seconds since 1970; nothing for a date that does not exist (1/7.3).
[[nodiscard]] std::optional<std::int64_t> TimeAt(ByteView bytes,
                                                 std::uint64_t offset);

}  // namespace assay::formats::udf
