// The pages of a YAFFS image, in the order in which they lie there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/formats/flash/yaffs_header.h"
#include "verifier/formats/flash/yaffs_tags.h"

namespace assay::formats::yaffs {

struct Chunk {
  std::uint64_t offset = 0;
  std::uint32_t object = 0;
  std::uint32_t number = 0;
  std::uint32_t bytes = 0;
  std::uint32_t sequence = 0;
  std::uint8_t serial = 0;
  bool deleted = false;
};

// What the driver keeps for itself: checkpoints and summaries of blocks.
[[nodiscard]] inline bool IsReserved(const Chunk& chunk) {
  return chunk.object == kCheckpoint || chunk.object == kSummary;
}

struct Log {
  Geometry geometry = {};
  std::vector<Chunk> chunks = {};
  std::uint64_t end = 0;
  // Pages between the chunks that are neither erased nor have tags that hold;
  // and chunks whose tags had to be corrected.
  std::uint64_t unreadable = 0, corrected = 0;
  Range first_unreadable = {}, first_corrected = {};
  // Header and tags tell different things about an object.
  std::uint64_t contradictions = 0;
  Range first_contradiction = {};
};

// The layout of the image that `head` begins with, as far as its first pages
// agree on one.
[[nodiscard]] std::optional<Geometry> Recognize(ByteView head);

// `bytes` begin with an image of that layout.
[[nodiscard]] Log ReadLog(ByteView bytes, const Geometry& geometry);

}  // namespace assay::formats::yaffs
