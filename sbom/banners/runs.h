// Runs of printable bytes: what a program has as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::sbom {

struct TextRun {
  std::string_view text = {};
  std::uint64_t offset = 0;
};

// Printable ASCII, tab and line feed: messages span lines.
[[nodiscard]] constexpr bool IsRunByte(std::uint8_t c) {
  return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n';
}

inline constexpr std::size_t kShortestRun = 3;

// All runs of at least kShortestRun bytes, in order. Machine code is full of
// shorter ones: 64 bytes are looked at together, as the bits of a number.
class TextRuns {
 public:
  explicit TextRuns(ByteView bytes);
  // Nothing at the end.
  [[nodiscard]] std::optional<TextRun> Next();

 private:
  [[nodiscard]] std::uint64_t BitsAt(std::size_t block) const;
  // Goes to the next block of 64 bytes.
  void Advance();

  ByteView bytes_;
  std::size_t block_ = 0;
  std::uint64_t bits_ = 0;    // which bytes of the block are printable
  std::uint64_t next_ = 0;    // and of the block after it
  std::uint64_t starts_ = 0;  // where runs begin that are long enough
};

}  // namespace assay::sbom
