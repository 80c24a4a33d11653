// Text for a terminal: wrapping, colours, numbers for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "verifier/base/bytes.h"
#include "verifier/report/writer.h"

namespace assay::report {

enum class Colour : std::uint8_t { kBold, kDim, kRed, kGreen, kYellow, kCyan };

// Text that may hold escapes of Escaped() already: those stay as they are,
// everything else that could reach the terminal as a control is escaped.
[[nodiscard]] std::string Printable(std::string_view text);

// The text with every digest cut to its first 16 digits.
[[nodiscard]] std::string WithShortDigests(std::string_view text);

// Columns that the text takes, counting code points.
[[nodiscard]] std::size_t WidthOf(std::string_view text);
// 1234567 -> "1.2 MB" (10^6 bytes), cut and not rounded; below 1000: "999 B".
[[nodiscard]] std::string SizeText(std::uint64_t bytes);
// "99.9%": never rounded up to 100 nor down to 0.
[[nodiscard]] std::string PercentText(std::uint64_t part, std::uint64_t whole);
// "3 findings", "1 finding".
[[nodiscard]] std::string CountText(std::uint64_t count, std::string_view one);
// "at 64, 12 bytes".
[[nodiscard]] std::string PlaceText(Range range);

// A text that grows line by line in one style.
class Layout {
 public:
  explicit Layout(const Style& style) : style_(style) {}

  [[nodiscard]] const Style& style() const { return style_; }

  // The text in that colour, or as it is when the style has none.
  [[nodiscard]] std::string Paint(Colour colour, std::string_view text) const;

  // A line as it is; it may hold colours and is never wrapped.
  void Line(std::string_view text = {});
  // A blank line and a heading.
  void Heading(std::string_view text);
  // Prose, made printable and wrapped where words end. The first line starts
  // with `label` at column `indent`, the next ones below its text.
  void Prose(std::size_t indent, std::string_view label, std::string_view text);
  // "... and 12 more (see JSON)" unless nothing was left out.
  void Omitted(std::size_t indent, std::size_t count);

  // How many entries of a list are shown.
  [[nodiscard]] std::size_t Shown(std::size_t count, std::size_t most) const;

  [[nodiscard]] std::string Finish() { return std::move(text_); }

 private:
  Style style_;
  std::string text_;
};

}  // namespace assay::report
