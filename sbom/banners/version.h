// Upstream versions as programs print them, read at a place by a parser whose
// work is bounded. Nothing here searches.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay::sbom {

inline constexpr std::size_t kLongestVersion = 32;

enum class VersionShape {
  kDotted,  // "1.2", "1.36.1", "3.0.2a", "9.3p2", "2.10-rc1"
  kNumber,  // also "590", "252"
  kPart,    // a single number, which may be 0
};

// The length of the version at the start of `text`, or 0: numbers joined by
// dots, then at most one suffix (a letter, or p, rc, pre, beta, alpha and a
// number). What follows must not continue it.
[[nodiscard]] std::size_t VersionLength(std::string_view text,
                                        VersionShape shape);

// How many numbers a version has: 3 for "1.36.1".
[[nodiscard]] std::size_t NumbersIn(std::string_view version);

// Whether it reads as an IPv4 address: four short numbers, the first of two
// digits at least.
[[nodiscard]] bool LooksLikeAddress(std::string_view version);

}  // namespace assay::sbom
