// The lower half of reading a SPIFFS: its geometry, and the pages that its
// lookup tables and page headers tell of. Layout: spiffs src/spiffs_nucleus.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::formats::spiffs {

inline constexpr std::uint64_t kHeaderSize = 5;  // of every page
inline constexpr std::uint64_t kIndexStart = 8;  // of an index page's table
inline constexpr std::uint64_t kNameStart = 13;  // in an object's first page

// How an image is laid out: whatever makes its first blocks agree.
struct Geometry {
  std::uint64_t page = 0, block = 0;
  std::uint64_t blocks = 0;  // as its magics tell; 0: they do not

  [[nodiscard]] std::uint64_t pages() const { return block / page; }
  // Pages of a block that hold the lookup table.
  [[nodiscard]] std::uint64_t lookups() const {
    return std::max<std::uint64_t>(1, pages() * 2 / page);
  }
  [[nodiscard]] std::uint64_t content() const { return page - kHeaderSize; }
};

[[nodiscard]] std::optional<Geometry> Recognize(ByteView head);

// Where an image without a stated length ends: behind the last block with a
// magic, of which one may be missing.
[[nodiscard]] std::uint64_t EndOf(ByteView bytes, const Geometry& geometry);

enum class State : std::uint8_t { kFree, kLive, kDeleted, kOdd };

struct Page {
  std::uint32_t number = 0;
  std::uint16_t object = 0;
  std::uint16_t span = 0;
  bool index = false;
  State state = State::kFree;
};

// What is to be found where.
struct Pages {
  using Key = std::pair<std::uint16_t, std::uint16_t>;  // object and span
  std::vector<Page> all = {};                           // in use, in order
  std::map<Key, std::uint32_t> data = {}, index = {};   // live ones
  std::uint64_t odd = 0, twice = 0;
  Range first_odd = {}, first_twice = {};
};

[[nodiscard]] Pages ReadPages(ByteView image, const Geometry& geometry);

// Where the table in the first page of objects begins, which depends on how
// long names and attributes may be; nothing when no object tells.
[[nodiscard]] std::optional<std::uint64_t> FindTable(ByteView image,
                                                     const Geometry& geometry,
                                                     const Pages& pages);

}  // namespace assay::formats::spiffs
