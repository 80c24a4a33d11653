// What functions of the usual libraries do with the values they are given, as
// their manuals say.
#pragma once

#include <cstdint>
#include <string_view>

#include "verifier/code/value.h"

namespace assay::code {

struct LibraryFunction {
  enum class Compares : std::uint8_t {
    kNo,
    kZero,     // 0 when its first two arguments are alike
    kNonZero,  // anything else when they are, or the one is in the other
  };
  static constexpr std::int8_t kNone = -1;

  std::string_view name = {};
  Origin::Bits gives = 0;       // origin of what it returns
  std::int8_t fills = kNone;    // the argument whose memory it fills
  Origin::Bits fills_with = 0;  // from there, and from the other arguments
  Compares compares = Compares::kNo;
  std::int8_t length = kNone;  // the argument that says how much of them
  bool inert = false;          // its arguments reach nothing
  bool never_returns = false;
};

// nullptr: not known. Of such a function's result and of the memory it is
// given everything may come from each of its arguments.
[[nodiscard]] const LibraryFunction* FindLibraryFunction(std::string_view name);

// Whether a function of others may take more arguments than fit into four
// registers. True of those that are not known.
[[nodiscard]] bool TakesMany(std::string_view name);

// Whether a variable of the environment is a part of a web request (RFC 3875,
// section 4.1).
[[nodiscard]] bool IsRequestVariable(std::string_view name);

}  // namespace assay::code
