// What every fuzz target shares.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <utility>

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

// One program fuzzes all entries of a registry: which one, the environment
// says in ASSAY_FUZZ.
template <typename T>
const T& Choose(
    std::initializer_list<std::pair<std::string_view, const T*>> all) {
  const char* wanted = std::getenv("ASSAY_FUZZ");
  for (const auto& [name, entry] : all) {
    if (wanted != nullptr && name == wanted) {
      return *entry;
    }
  }
  std::fprintf(stderr, "ASSAY_FUZZ names no entry of this registry\n");
  std::exit(64);
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
