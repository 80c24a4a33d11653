// The lower half of reading a littlefs: its super block, and the logs that its
// metadata pairs are. Layout: littlefs SPEC.md (lfs2.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats::littlefs {

inline constexpr std::uint32_t kNull = 0xffffffff;

struct Pair {
  std::uint32_t first = kNull, second = kNull;

  [[nodiscard]] bool null() const { return first == kNull || second == kNull; }
  // The same for both orders of the blocks.
  [[nodiscard]] std::uint64_t key() const {
    const auto [low, high] = std::minmax(first, second);
    return std::uint64_t{high} << 32U | low;
  }
};

struct Super {
  std::uint32_t version = 0;
  std::uint64_t block_size = 0, blocks = 0;
  [[nodiscard]] std::uint64_t size() const { return block_size * blocks; }
};

enum class Kind : std::uint8_t {
  kNone,
  kFile = 0x01,
  kDirectory = 0x02,
  kSuper = 0xff,
};
enum class Form : std::uint8_t {
  kNone,
  kDirectory,  // the pair with its entries
  kInline,     // the content itself
  kSkipList,   // its last block and its size
  kUnknown,
};

// One file of a metadata pair; the ranges are of the image.
struct Entry {
  Kind kind = Kind::kNone;
  Form form = Form::kNone;
  Range name = {}, data = {};
  std::vector<std::pair<std::uint8_t, Range>> attributes = {};
  std::vector<Range> older = {};  // what it held before
};

// What the commits of one metadata block amount to.
struct Block {
  std::uint32_t number = 0;
  std::uint32_t revision = 0;
  std::uint64_t end = 0;  // of the last commit, in the block
  std::vector<Entry> entries = {};
  Pair tail = {};
  bool hard = false;  // the tail belongs to the same directory
  std::array<std::uint32_t, 3> state = {};  // its share of the global state
  std::vector<Range> deleted = {};  // contents of files that are no more
  std::vector<Range> padding = {};  // behind the CRCs
  // What follows is not as it was erased: a commit was cut short.
  bool interrupted = false;
};

// The super block in a metadata block, at the beginning of `bytes`, of which
// the first commit has to hold.
[[nodiscard]] std::optional<Super> ReadSuper(ByteView bytes);
// The same wherever the first blocks of a file system have it: either of them
// may have been erased.
[[nodiscard]] std::optional<Super> Recognize(ByteView head);

// The super block that counts: the newest of the last pair that has one, for a
// file system may have grown.
[[nodiscard]] Super NewestSuper(ByteView image, const Super& first);

// The metadata in block `number`; nothing when no commit holds.
[[nodiscard]] std::optional<Block> ReadBlock(ByteView image, const Super& super,
                                             std::uint32_t number);
// The newer of the two, or the one that holds.
[[nodiscard]] Result<Block> ReadPair(ByteView image, const Super& super,
                                     Pair pair);

[[nodiscard]] std::optional<Pair> ReadPointer(ByteView image, Range place);

}  // namespace assay::formats::littlefs
