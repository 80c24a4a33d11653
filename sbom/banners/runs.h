// Runs of printable bytes: what a program has as text.
#pragma once

#include <cstdint>
#include <functional>
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

// Visits all runs of at least kShortestRun bytes, in order.
void ForEachRun(ByteView bytes,
                const std::function<void(const TextRun&)>& visit);

}  // namespace assay::sbom
