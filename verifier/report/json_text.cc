#include "verifier/report/json_text.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <cmath>
#include <iterator>
#include <utility>

#include "verifier/base/text.h"

namespace assay::report {
namespace {

// How many bytes the well-formed UTF-8 sequence with this lead byte has.
std::size_t LengthOf(unsigned char lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead < 0xE0) {
    return 2;
  }
  return lead < 0xF0 ? 3 : 4;
}

std::uint32_t CodePointOf(std::string_view sequence) {
  constexpr std::array<std::uint32_t, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 7};
  std::uint32_t value =
      static_cast<unsigned char>(sequence[0]) & kLeadBits.at(sequence.size());
  for (const char c : sequence.substr(1)) {
    value = value << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return value;
}

// RFC 8259 section 7: \uXXXX, as a surrogate pair beyond the first plane.
void AppendUnicodeEscape(std::uint32_t code, std::string& to) {
  if (code >= 0x10000) {
    const std::uint32_t rest = code - 0x10000;
    fmt::format_to(std::back_inserter(to), "\\u{:04x}\\u{:04x}",
                   0xD800 + (rest >> 10U), 0xDC00 + (rest & 0x3FFU));
  } else {
    fmt::format_to(std::back_inserter(to), "\\u{:04x}", code);
  }
}

void AppendCharacter(std::string_view sequence, std::string& to) {
  if (sequence == "\"" || sequence == "\\") {
    to.push_back('\\');
    to.append(sequence);
  } else if (sequence == "\n") {
    to.append("\\n");
  } else if (sequence == "\t") {
    to.append("\\t");
  } else if (Escaped(sequence) != sequence) {
    AppendUnicodeEscape(CodePointOf(sequence), to);
  } else {
    to.append(sequence);
  }
}

bool IsPlain(char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

}  // namespace

void JsonText::Begin() {
  if (open_.empty()) {
    return;
  }
  text_.append(std::exchange(open_.back().empty, false) ? "\n" : ",\n");
  text_.append(2 * open_.size(), ' ');
}

void JsonText::Begin(std::string_view key) {
  Begin();
  Quote(key);
  text_.append(": ");
}

void JsonText::Open(char opening, char closing) {
  text_.push_back(opening);
  open_.push_back({.closing = closing});
}

void JsonText::OpenObject() {
  Begin();
  Open('{', '}');
}

void JsonText::OpenObject(std::string_view key) {
  Begin(key);
  Open('{', '}');
}

void JsonText::OpenArray(std::string_view key) {
  Begin(key);
  Open('[', ']');
}

void JsonText::Close() {
  assert(!open_.empty());
  const Level level = open_.back();
  open_.pop_back();
  if (!level.empty) {
    text_.push_back('\n');
    text_.append(2 * open_.size(), ' ');
  }
  text_.push_back(level.closing);
}

void JsonText::Quote(std::string_view text) {
  if (!IsValidUtf8(text)) {
    Quote(Escaped(text));
    return;
  }
  text_.push_back('"');
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = LengthOf(static_cast<unsigned char>(c));
    if (IsPlain(c)) {
      text_.push_back(c);
    } else {
      AppendCharacter(text.substr(0, length), text_);
    }
    text.remove_prefix(length);
  }
  text_.push_back('"');
}

void JsonText::Text(std::string_view key, std::string_view value) {
  Begin(key);
  Quote(value);
}

void JsonText::Number(std::string_view key, std::uint64_t value) {
  Begin(key);
  fmt::format_to(std::back_inserter(text_), "{}", value);
}

void JsonText::Signed(std::string_view key, std::int64_t value) {
  Begin(key);
  fmt::format_to(std::back_inserter(text_), "{}", value);
}

void JsonText::Real(std::string_view key, double value) {
  Begin(key);
  const double rounded = std::round(value * 1000.0) / 1000.0;
  fmt::format_to(std::back_inserter(text_), "{}",
                 std::isfinite(rounded) ? rounded : 0.0);
}

void JsonText::Flag(std::string_view key, bool value) {
  Begin(key);
  text_.append(value ? "true" : "false");
}

void JsonText::Null(std::string_view key) {
  Begin(key);
  text_.append("null");
}

void JsonText::TextIf(std::string_view key, std::string_view value) {
  if (!value.empty()) {
    Text(key, value);
  }
}

void JsonText::FlagIf(std::string_view key, bool value) {
  if (value) {
    Flag(key, value);
  }
}

void JsonText::Place(Range range) {
  Number("offset", range.offset);
  Number("length", range.length);
}

void JsonText::Element(std::string_view text) {
  Begin();
  Quote(text);
}

void JsonText::Element(std::uint64_t number) {
  Begin();
  fmt::format_to(std::back_inserter(text_), "{}", number);
}

void JsonText::Texts(std::string_view key,
                     const std::vector<std::string>& values) {
  OpenArray(key);
  for (const std::string& value : values) {
    Element(value);
  }
  Close();
}

std::string JsonText::Finish() {
  assert(open_.empty());
  text_.push_back('\n');
  return std::move(text_);
}

}  // namespace assay::report
