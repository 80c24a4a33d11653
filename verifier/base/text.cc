#include "verifier/base/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstddef>

namespace assay {
namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // 0: not a well-formed sequence
};

// Unicode 15, table 3-7: well-formed UTF-8 byte sequences.
CodePoint DecodeUtf8(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  std::size_t length = 0;
  std::uint32_t value = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    value = lead & 0x1FU;
  } else if ((lead & 0xF0U) == 0xE0) {
    length = 3;
    value = lead & 0x0FU;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    value = lead & 0x07U;
  } else {
    return {};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) {
      return {};
    }
    value = value << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong =
      (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) {
    return {};
  }
  return {value, length};
}

// Characters that change how the text around them is shown: C1 controls, soft
// hyphen, zero width, line separators, bidirectional controls, BOM, tags.
bool IsDeceptive(std::uint32_t c) {
  return (c >= 0x80 && c < 0xA0) || c == 0xAD || c == 0x061C ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

bool MatchesFrom(std::string_view glob, std::string_view path, int& fuel);

// Splits "{a,b}rest" at the top level; false when the brace never closes.
bool SplitBraces(std::string_view glob, std::vector<std::string_view>& choices,
                 std::string_view& rest) {
  int depth = 0;
  std::size_t start = 1;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const char c = glob[i];
    depth += c == '{' ? 1 : 0;
    if (depth == 1 && c == ',') {
      choices.push_back(glob.substr(start, i - start));
      start = i + 1;
    }
    if (c == '}' && --depth == 0) {
      choices.push_back(glob.substr(start, i - start));
      rest = glob.substr(i + 1);
      return true;
    }
  }
  return false;
}

bool MatchesStar(std::string_view glob, std::string_view path, int& fuel) {
  const bool deep = glob.substr(0, 2) == "**";
  std::string_view rest = glob.substr(deep ? 2 : 1);
  if (deep && rest.substr(0, 1) == "/" &&
      MatchesFrom(rest.substr(1), path, fuel)) {
    return true;  // "**/x" also means "x"
  }
  for (std::size_t i = 0;; ++i) {
    if (MatchesFrom(rest, path.substr(i), fuel)) {
      return true;
    }
    if (i == path.size() || (!deep && path[i] == '/')) {
      return false;
    }
  }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by fuel.
bool MatchesFrom(std::string_view glob, std::string_view path, int& fuel) {
  while (--fuel > 0) {
    if (glob.empty()) {
      return path.empty();
    }
    if (glob[0] == '*') {
      return MatchesStar(glob, path, fuel);
    }
    std::vector<std::string_view> choices;
    std::string_view rest;
    if (glob[0] == '{' && SplitBraces(glob, choices, rest)) {
      for (const std::string_view choice : choices) {
        if (MatchesFrom(std::string(choice).append(rest), path, fuel)) {
          return true;
        }
      }
      return false;
    }
    if (path.empty() ||
        (glob[0] == '?' ? path[0] == '/' : glob[0] != path[0])) {
      return false;
    }
    glob.remove_prefix(1);
    path.remove_prefix(1);
  }
  return false;
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string Escaped(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    const CodePoint c = DecodeUtf8(raw);
    const bool plain = c.length != 0 && c.value >= 0x20 && c.value != 0x7F &&
                       c.value != '\\' && !IsDeceptive(c.value);
    const std::size_t length = c.length == 0 ? 1 : c.length;
    if (plain) {
      out.append(raw.substr(0, length));
    } else {
      for (const char byte : raw.substr(0, length)) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}",
                       static_cast<unsigned char>(byte));
      }
    }
    raw.remove_prefix(length);
  }
  return out;
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = DecodeUtf8(text).length;
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::string NormalPath(std::string_view raw) {
  std::string path;
  for (const std::string_view step : Split(raw, '/')) {
    if (step.empty() || step == ".") {
      continue;
    }
    if (!path.empty()) {
      path.push_back('/');
    }
    path.append(step);
  }
  return path;
}

bool IsHostileName(std::string_view raw) {
  if (raw.substr(0, 1) == "/" || raw.find('\0') != std::string_view::npos) {
    return true;
  }
  for (const std::string_view step : Split(raw, '/')) {
    if (step == "..") {
      return true;
    }
  }
  return false;
}

bool GlobMatches(std::string_view glob, std::string_view path) {
  int fuel = 100'000;  // a glob of many stars must not take forever
  return MatchesFrom(glob, path, fuel);
}

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines = Split(text, '\n');
  if (!lines.empty() && lines.back().empty()) {
    lines.pop_back();
  }
  for (std::string_view& line : lines) {
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
  }
  return lines;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == separator) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  return parts;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return lower;
}

std::optional<std::uint64_t> NumberOf(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return value;
}

std::string Base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U |
              (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out.push_back(k <= count ? kBase64[group >> (18U - 6U * k) & 63U] : '=');
    }
  }
  return out;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string out;
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      continue;
    }
    const std::size_t digit = c == '=' ? 0 : kBase64.find(c);
    if (digit == std::string_view::npos || (padding > 0 && c != '=')) {
      return std::nullopt;
    }
    padding += c == '=' ? 1 : 0;
    group = group << 6U | static_cast<std::uint32_t>(digit);
    if (++digits % 4 == 0) {
      for (std::size_t k = 0; k + padding < 3; ++k) {
        out.push_back(static_cast<char>(group >> (16U - 8U * k) & 0xFFU));
      }
      group = 0;
    }
  }
  if (digits % 4 != 0 || padding > 2) {
    return std::nullopt;
  }
  return out;
}

}  // namespace assay
