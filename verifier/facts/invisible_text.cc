// Characters that no editor shows, in masses: a text that looks empty can hold
// a program. Variation selectors, tags, zero-width characters, fillers
// (Unicode 15, DerivedCoreProperties: Default_Ignorable_Code_Point).

#include <algorithm>
#include <string>
#include <string_view>

#include "verifier/facts/extractors.h"
#include "verifier/facts/fact_writer.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kShortestRun = 8;  // joined emoji have fewer

struct Span {
  char32_t first = 0;
  char32_t last = 0;
};

constexpr Span kInvisible[] = {
    {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x200B, 0x200F},
    {0x202A, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xE0000, 0xE0FFF},
};

bool IsInvisible(char32_t c) {
  return std::any_of(
      std::begin(kInvisible), std::end(kInvisible),
      [&](const Span& span) { return c >= span.first && c <= span.last; });
}

// The character of three or four octets of UTF-8 at `at` (RFC 3629), or 0; no
// invisible one is shorter.
char32_t CharacterAt(ByteView bytes, std::size_t at, std::size_t& size) {
  const std::uint8_t head = bytes[at];
  size = head >= 0xF0 ? 4 : head >= 0xE0 ? 3 : 1;
  if (size == 1 || bytes.size() - at < size) {
    size = 1;
    return 0;
  }
  char32_t c = size == 4 ? head & 0x07U : head & 0x0FU;
  for (std::size_t i = 1; i < size; ++i) {
    if ((bytes[at + i] & 0xC0U) != 0x80) {
      size = 1;
      return 0;
    }
    c = c << 6U | (bytes[at + i] & 0x3FU);
  }
  return c;
}

bool Examine(const Subject& subject, Observations& into) {
  const ByteView bytes = subject.content;
  if (bytes.size() > kMaxTextFile || !IsText(bytes)) {
    return false;
  }
  FactWriter facts("invisible_text", subject, into);
  std::size_t from = 0;  // of the run
  std::size_t run = 0;
  const auto end_run = [&](std::size_t at) {
    if (run >= kShortestRun) {
      facts.Add({.kind = "text.invisible",
                 .value = std::to_string(run),
                 .place = Range{from, at - from}});
    }
    run = 0;
  };
  for (std::size_t at = 0; at < bytes.size() && !facts.full();) {
    std::size_t size = 1;
    if (IsInvisible(CharacterAt(bytes, at, size))) {
      from = run == 0 ? at : from;
      ++run;
    } else {
      end_run(at);
    }
    at += size;
  }
  end_run(bytes.size());
  return false;
}

}  // namespace

const Analysis kInvisibleText = {
    .name = "invisible_text",
    .title = "Runs of characters that are not shown",
    .examine = Examine,
};

}  // namespace assay::facts
