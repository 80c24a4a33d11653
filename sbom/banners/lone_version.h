// A version that is a text of its own in a program: its compiler put it beside
// what is printed with it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "verifier/base/bytes.h"

namespace assay::sbom {

inline constexpr std::size_t kBeside = 3;  // runs in front, and as many behind
inline constexpr std::size_t kLongestBeside = 80;  // of each

// Views into the bytes that were searched.
struct LoneText {
  std::string_view version = {};
  Range place = {};
  // The nearest runs, in their order; "" where there are fewer.
  std::array<std::string_view, 2 * kBeside> beside = {};

  // Whether a run beside it has the word, which is in lower case.
  [[nodiscard]] bool Mentions(std::string_view word) const;
  // Whether a format beside it prints a name and a version.
  [[nodiscard]] bool IsPrintedBeside() const;
};

// The only dotted version of at least so many numbers that is a run of its own,
// addresses and versions of libraries compiled in left out.
struct LoneVersions {
  std::optional<LoneText> of_two = {};
  std::optional<LoneText> of_three = {};
};
[[nodiscard]] LoneVersions FindLoneVersions(ByteView bytes);

}  // namespace assay::sbom
