// Secure Boot Advanced Targeting: generations of boot components, by which old
// ones are refused without a list of their digests.
// Format: rhboot/shim, SBAT.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "signatures/scheme.h"
#include "verifier/base/result.h"

namespace assay::signatures {

struct SbatEntry {
  std::string component = {};
  std::uint64_t generation = 0;
};

// A level: the least generation of each component, one "component,generation"
// a line (further fields are dates). kConfig naming the anchor when a line is
// anything else, or there is none.
[[nodiscard]] Result<std::vector<SbatEntry>> SbatLevelOf(
    const TrustAnchor& anchor);

// "" or why an image with this `.sbat` section is too old for the level, or
// cannot be compared with it: lines of six fields, as shim wants them.
[[nodiscard]] std::string SbatProblem(std::string_view section,
                                      const std::vector<SbatEntry>& level);

}  // namespace assay::signatures
