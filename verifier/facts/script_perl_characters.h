// Characters of Perl sources.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace assay::facts::perl {

inline constexpr std::size_t kMaxBrackets = 2000;

inline bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
inline bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
inline bool IsPart(char c) {
  return IsLetter(c) || IsDigit(c);
}
inline bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

template <std::size_t N>
bool OneOf(std::string_view word,
           const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

inline std::size_t Behind(std::string_view text, std::size_t at) {
  while (at < text.size() && IsBlank(text[at])) {
    ++at;
  }
  return at;
}

}  // namespace assay::facts::perl
