// What YAFFS keeps in the spare area of each page: to which object the page
// belongs, and which part of it it is. Layout: yaffs2 yaffs_packedtags2.h,
// yaffs_guts.h (yaffs_tags, yaffs_spare).
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats::yaffs {

// How an image is laid out; nothing in it says so.
struct Geometry {
  unsigned version = 2;
  std::uint64_t page = 0;   // bytes of content
  std::uint64_t spare = 0;  // bytes behind them
  std::uint64_t tags = 0;   // where in the spare area the tags begin
  ByteOrder order = ByteOrder::kLittle;
  ByteOrder header_order = ByteOrder::kLittle;
  bool ecc = false;  // of the tags
  // Tags within what the chip takes for content: then headers have no room
  // for two of their fields where the others have them.
  bool inband = false;

  [[nodiscard]] std::uint64_t stride() const { return page + spare; }
};

// The spare areas of version 1 that there are: its tags in the two places that
// leave room for a bad block's mark, or in one piece at 8.
inline constexpr std::uint64_t kScattered = 0;
inline constexpr std::uint64_t kTogether = 8;

// What version 2 repeats of an object's header.
struct Extra {
  std::uint32_t parent = 0;
  unsigned type = 0;
};

struct Tags {
  std::uint32_t object = 0;
  std::uint32_t chunk = 0;     // 0: the object's header
  std::uint32_t bytes = 0;     // of content, in a chunk of data
  std::uint32_t sequence = 0;  // of the block (version 2)
  unsigned serial = 0;         // of the chunk, modulo 4 (version 1)
  bool deleted = false;        // (version 1)
  bool corrected = false;      // one bit was wrong
  bool has_extra = false;
  Extra extra = {};
};

inline constexpr std::uint32_t kRoot = 1;
inline constexpr std::uint32_t kLostAndFound = 2;
inline constexpr std::uint32_t kUnlinked = 3;
inline constexpr std::uint32_t kDeleted = 4;
inline constexpr std::uint32_t kSummary = 0x10;
inline constexpr std::uint32_t kCheckpoint = 0x20;
inline constexpr std::uint32_t kCheckpointSequence = 0x21;
inline constexpr std::uint32_t kLowestSequence = 0x1000;
inline constexpr std::uint32_t kHighestSequence = 0xefffff00;
inline constexpr std::uint32_t kMostObjects = 0x40000;

// The tags in a spare area; nothing when it has none, or they are damaged
// beyond repair, or state what YAFFS never states.
[[nodiscard]] std::optional<Tags> ReadTags(const Geometry& geometry,
                                           ByteView spare);
// Where in the spare area they lie, ECC and marks included.
[[nodiscard]] Range TagsRange(const Geometry& geometry);

}  // namespace assay::formats::yaffs
