// Blocks of an ADB file, and the values in its first one, the tree of objects
// in Alpine's packages of version 3: a 32-bit word each, four bits of type and
// 28 of value or offset.
//
// Reference: apk-tools 3.0, doc/apk-v3.5.scd, "Wire format" and "Blocks".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::formats::adb {

enum BlockType : std::uint32_t { kAdb = 0, kSignature = 1, kData = 2 };

struct BlockHead {
  std::uint32_t type = 0;
  std::uint64_t header = 0;
  std::uint64_t size = 0;  // of the payload
};

// Type and size in one word, or (type 3) the type in it and the size behind;
// nothing when these are no block's.
[[nodiscard]] std::optional<BlockHead> ReadBlock(ByteView head);

// An object or array: numbered slots. Reading what is not there gives an
// empty value, as in apk-tools.
class Slots {
 public:
  Slots() = default;
  // `block` begins with the ADB header; `value` should be an object or array.
  Slots(ByteView block, std::uint32_t value);

  // Slots are counted from 1 to count().
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] Slots Object(std::uint32_t slot) const;
  [[nodiscard]] std::uint64_t Number(std::uint32_t slot) const;
  // Where a blob lies in the block.
  [[nodiscard]] std::optional<Range> Place(std::uint32_t slot) const;
  [[nodiscard]] ByteView Blob(std::uint32_t slot) const;
  [[nodiscard]] std::string_view Text(std::uint32_t slot) const {
    return AsText(Blob(slot));
  }

 private:
  [[nodiscard]] std::uint32_t Value(std::uint32_t slot) const;

  ByteView block_;
  std::uint64_t at_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace assay::formats::adb
