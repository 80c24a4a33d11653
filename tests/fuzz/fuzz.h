// What every fuzz target shares.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "verifier/base/bytes.h"
#include "verifier/base/limits.h"

namespace assay::fuzz {

// A broken promise of the code under test stops the fuzzer like a crash.
inline void Require(bool holds, const char* promise) {
  if (!holds) {
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
  }
}

inline bool LiesWithin(Range range, std::uint64_t size) {
  return range.offset <= size && range.length <= size - range.offset;
}

// Small, so that hostile sizes meet their ceiling within a run.
inline constexpr Limits kLimits = {
    .depth = 8,
    .entries = 1000,
    .unpacked = 8U << 20U,
    .member = 1U << 20U,
    .ratio = 100,
    .ratio_floor = 64U << 10U,
    .name = 1024,
    .facts = 500,
    .memory_per_member = 64U << 10U,
};

}  // namespace assay::fuzz
