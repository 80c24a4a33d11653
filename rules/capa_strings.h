// What capa calls a string: a run of at least four printable characters, in
// ASCII or in UTF-16LE. Features about them become patterns over the bytes.
#pragma once

#include <string>
#include <string_view>

#include "verifier/base/pattern_set.h"
#include "verifier/base/result.h"

namespace assay::rules {

inline constexpr std::size_t kShortestString = 4;

// A whole string: nothing printable stands before or behind it.
[[nodiscard]] Pattern WholeString(std::string_view text);

// A text that occurs within a string.
[[nodiscard]] Pattern PartOfString(std::string_view text);

// A regular expression of Python, "/.../" or "/.../i", that matches within one
// string: no part of it passes what is not printable. kConfig says what in it
// cannot be translated.
[[nodiscard]] Result<Pattern> RegexInString(std::string_view feature);

}  // namespace assay::rules
