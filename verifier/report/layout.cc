#include "verifier/report/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "verifier/base/text.h"

namespace assay::report {
namespace {

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// The first `width` columns of well-formed UTF-8.
std::string_view Head(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!IsContinuation(text[i]) && columns++ == width) {
      return text.substr(0, i);
    }
  }
  return text;
}

// Splits at blanks; a word wider than a line is cut into pieces.
std::vector<std::string_view> WordsOf(std::string_view text,
                                      std::size_t width) {
  std::vector<std::string_view> words;
  for (std::string_view word : Split(text, ' ')) {
    while (!word.empty()) {
      const std::string_view piece = Head(word, width);
      words.push_back(piece);
      word.remove_prefix(piece.size());
    }
  }
  return words;
}

std::string_view CodeOf(Colour colour) {
  switch (colour) {
    case Colour::kBold:
      return "1";
    case Colour::kDim:
      return "2";
    case Colour::kRed:
      return "1;31";
    case Colour::kGreen:
      return "1;32";
    case Colour::kYellow:
      return "33";
    case Colour::kCyan:
      return "36";
  }
  return "0";
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string out;
  bool first = true;
  for (const std::string_view piece : Split(text, '\\')) {
    if (!std::exchange(first, false)) {
      out.push_back('\\');
    }
    out.append(Escaped(piece));
  }
  return out;
}

std::size_t WidthOf(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string WithShortDigests(std::string_view text) {
  constexpr std::size_t kDigest = 40;  // hexadecimal digits of a SHA-1
  constexpr std::size_t kKept = 16;
  std::string out;
  while (!text.empty()) {
    const std::size_t digits =
        std::min(text.find_first_not_of("0123456789abcdef"), text.size());
    const std::size_t plain = std::max<std::size_t>(digits, 1);
    out.append(text.substr(0, digits < kDigest ? plain : kKept));
    text.remove_prefix(plain);
  }
  return out;
}

std::string SizeText(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits = {"kB", "MB", "GB",
                                                      "TB", "PB", "EB"};
  if (bytes < 1000) {
    return fmt::format("{} B", bytes);
  }
  std::uint64_t unit = 1000;
  std::size_t at = 0;
  while (at + 1 < kUnits.size() && bytes / unit >= 1000) {
    unit *= 1000;
    ++at;
  }
  return fmt::format("{}.{} {}", bytes / unit, bytes % unit / (unit / 10),
                     kUnits.at(at));
}

std::string PercentText(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0 || part == 0) {
    return "0%";
  }
  if (part >= whole) {
    return "100%";
  }
  const double share =
      100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return share < 0.1 ? "<0.1%" : fmt::format("{:.1f}%", std::min(share, 99.9));
}

std::string CountText(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string PlaceText(Range range) {
  return fmt::format("at {}, {}", range.offset,
                     CountText(range.length, "byte"));
}

std::string Layout::Paint(Colour colour, std::string_view text) const {
  return style_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", CodeOf(colour), text)
                       : std::string(text);
}

void Layout::Line(std::string_view text) {
  text_.append(text);
  text_.push_back('\n');
}

void Layout::Heading(std::string_view text) {
  Line();
  Line(Paint(Colour::kBold, text));
}

void Layout::Prose(std::size_t indent, std::string_view label,
                   std::string_view text) {
  const std::size_t margin = indent + WidthOf(label);
  const std::size_t width =
      std::max<std::size_t>(style_.width, margin + 20) - margin;
  text_.append(indent, ' ').append(label);
  std::size_t column = 0;
  const std::string printable = Printable(text);
  for (const std::string_view word : WordsOf(printable, width)) {
    const std::size_t size = WidthOf(word);
    if (column > 0 && column + 1 + size > width) {
      text_.push_back('\n');
      text_.append(margin, ' ');
      column = 0;
    }
    if (column > 0) {
      text_.push_back(' ');
      ++column;
    }
    text_.append(word);
    column += size;
  }
  text_.push_back('\n');
}

void Layout::Omitted(std::size_t indent, std::size_t count) {
  if (count > 0) {
    text_.append(indent, ' ');
    Line(Paint(Colour::kDim, fmt::format("... and {} more (see JSON)", count)));
  }
}

std::size_t Layout::Shown(std::size_t count, std::size_t most) const {
  return style_.verbose ? count : std::min(count, most);
}

}  // namespace assay::report
