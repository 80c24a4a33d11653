// A pattern as Hyperscan takes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "verifier/base/pattern_set.h"
#include "verifier/base/result.h"

namespace assay {

struct Expression {
  std::string regex;
  unsigned flags = 0;
  std::uint64_t width = 0;  // 0: varies, Hyperscan tracks the start
};

// The width of a pattern whose place nobody asks for.
inline constexpr std::uint64_t kNoWidth =
    std::numeric_limits<std::uint64_t>::max();
// The width of a pattern whose places are looked for once it occurs: to track
// the starts of many patterns at a time takes seconds to compile.
inline constexpr std::uint64_t kLater = kNoWidth - 1;
// The width of a pattern of which only the first end is asked for.
inline constexpr std::uint64_t kFirstEnd = kNoWidth - 2;

// kConfig when Hyperscan refuses it; `index` is for the message.
[[nodiscard]] Result<Expression> ExpressionOf(const Pattern& pattern,
                                              std::size_t index);

}  // namespace assay
