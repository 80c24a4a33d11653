#include "verifier/formats/utf16_text.h"

#include <cstdint>
#include <initializer_list>
#include <utility>

namespace assay::formats {
namespace {

constexpr std::uint32_t kHighSurrogate = 0xD800;
constexpr std::uint32_t kLowSurrogate = 0xDC00;
constexpr std::uint32_t kSurrogateMask = 0xFC00;

void Append(std::string& text, std::initializer_list<std::uint32_t> bytes) {
  for (const std::uint32_t byte : bytes) {
    text.push_back(static_cast<char>(byte));
  }
}

void AppendPoint(std::string& text, std::uint32_t point) {
  const auto tail = [&](unsigned shift) {
    return 0x80U | ((point >> shift) & 0x3FU);
  };
  if (point < 0x80) {
    Append(text, {point});
  } else if (point < 0x800) {
    Append(text, {0xC0U | point >> 6U, tail(0)});
  } else if (point < 0x10000) {
    Append(text, {0xE0U | point >> 12U, tail(6), tail(0)});
  } else {
    Append(text, {0xF0U | point >> 18U, tail(12), tail(6), tail(0)});
  }
}

}  // namespace

std::string TextOfUtf16(ByteView bytes) {
  std::string text;
  ByteReader reader(bytes);
  while (const auto unit = reader.Take<Le16>()) {
    std::uint32_t point = *unit;
    const auto next = ReadAt<Le16>(bytes, reader.consumed());
    if ((point & kSurrogateMask) == kHighSurrogate && next &&
        (*next & kSurrogateMask) == kLowSurrogate) {
      point = 0x10000 + ((point - kHighSurrogate) << 10U) +
              (std::uint32_t{*next} - kLowSurrogate);
      (void)reader.Skip(sizeof(Le16));
    }
    AppendPoint(text, point);
  }
  return text;
}

std::string TextOfUtf16Be(ByteView bytes) {
  Bytes swapped = CopyOf(bytes);
  for (std::size_t i = 0; i + 1 < swapped.size(); i += 2) {
    std::swap(swapped[i], swapped[i + 1]);
  }
  return TextOfUtf16(swapped);
}

std::string TextOfUtf16UntilNul(ByteView bytes) {
  std::size_t length = 0;
  for (auto unit = ReadAt<Le16>(bytes, 0); unit && *unit != 0;
       unit = ReadAt<Le16>(bytes, length)) {
    length += sizeof(Le16);
  }
  return TextOfUtf16(bytes.first(length));
}

Bytes Utf16OfText(std::string_view text) {
  Bytes out;
  const auto put = [&](std::uint32_t unit) {
    out.push_back(static_cast<std::uint8_t>(unit));
    out.push_back(static_cast<std::uint8_t>(unit >> 8U));
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<std::uint8_t>(text[at++]);
    const unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0;
    if (more == 0 || text.size() - at < more) {
      put(lead);
      continue;
    }
    std::uint32_t point = lead & (0x3fU >> more);
    for (unsigned i = 0; i < more; ++i) {
      point = point << 6U | (static_cast<std::uint8_t>(text[at++]) & 0x3fU);
    }
    if (point >= 0x10000) {
      put(0xd800U + ((point - 0x10000U) >> 10U & 0x3ffU));
      put(0xdc00U + (point & 0x3ffU));
    } else {
      put(point);
    }
  }
  return out;
}

}  // namespace assay::formats
