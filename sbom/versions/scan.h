// What the orders of sbom/versions share: cursors over text that copy nothing.
// Only ASCII letters and digits have a meaning; every other byte is itself.
#pragma once

#include <optional>
#include <string_view>

namespace assay::sbom::versions {

[[nodiscard]] inline bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] inline bool IsAlpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] inline char LowerChar(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// At least one digit and nothing else.
[[nodiscard]] bool IsNumber(std::string_view text);

template <typename T>
[[nodiscard]] int Compare(const T& a, const T& b) {
  return static_cast<int>(b < a) - static_cast<int>(a < b);
}

// Byte by byte, and the same with A-Z taken as a-z.
[[nodiscard]] int CompareText(std::string_view a, std::string_view b);
[[nodiscard]] int CompareLowered(std::string_view a, std::string_view b);
[[nodiscard]] bool EqualsLowered(std::string_view text, std::string_view lower);

// Two runs of decimal digits of any length by value; "" is 0.
[[nodiscard]] int CompareNumbers(std::string_view a, std::string_view b);

// Cuts the digits, or the letters, off the front of `text`; may give "".
std::string_view TakeDigits(std::string_view& text);
std::string_view TakeLetters(std::string_view& text);

// The digits that `text` ends with are cut off and returned.
std::string_view TakeLastDigits(std::string_view& text);

// Whether `text` begins with `word`, which is then cut off.
bool Skip(std::string_view& text, std::string_view word);

// "v1.0" -> "1.0"; a 'v' or 'V' before anything but a digit stays.
[[nodiscard]] std::string_view WithoutV(std::string_view text);

// The fields between separators, one after the other. Even "" has one field.
class Fields {
 public:
  Fields(std::string_view text, std::string_view separators)
      : text_(text), separators_(separators) {}

  // The next field, or nothing after the last.
  std::optional<std::string_view> Next();

 private:
  std::string_view text_;
  std::string_view separators_;
  bool done_ = false;
};

// Compares field by field with `compare(a, b)`. What stands in for the fields
// that the shorter one lacks is `missing`; without it more fields are newer.
template <typename CompareFields>
[[nodiscard]] int CompareEach(Fields a, Fields b,
                              std::optional<std::string_view> missing,
                              CompareFields compare) {
  auto left = a.Next();
  auto right = b.Next();
  while (left || right) {
    if (!missing && left.has_value() != right.has_value()) {
      return left ? 1 : -1;
    }
    const int order =
        compare(left ? *left : *missing, right ? *right : *missing);
    if (order != 0) {
      return order;
    }
    left = a.Next();
    right = b.Next();
  }
  return 0;
}

// SemVer 2.0.0, 11.4: numbers by value, and before words, which compare with
// `words`; fewer fields before more.
[[nodiscard]] int ComparePrerelease(
    std::string_view a, std::string_view b,
    int (*words)(std::string_view, std::string_view) = CompareText);

}  // namespace assay::sbom::versions
