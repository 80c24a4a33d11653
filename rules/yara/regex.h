// Regular expressions and hex strings of YARA as trees over bytes.
// Sources: YARA 4.2 documentation, "Writing YARA rules": hexadecimal strings,
// regular expressions. No lookaround, no captures, no references back.
#pragma once

#include <bitset>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::yara {

using ByteSet = std::bitset<256>;

inline constexpr std::uint32_t kUnbounded =
    std::numeric_limits<std::uint32_t>::max();

// NOLINTNEXTLINE(misc-no-recursion): the parsers bound the tree's depth.
struct Node {
  enum class Kind : std::uint8_t {
    kSet,       // one byte of `set`
    kSequence,  // all of `of`, one after the other; empty: the empty text
    kEither,    // one of `of`
    kRepeat,    // of[0], `min` to `max` times
    kBegin,     // at the beginning of the content
    kEnd,       // at its end
    kBoundary,  // between a letter, digit or _ and something else
    kNoBoundary,
  };
  Kind kind = Kind::kSequence;
  ByteSet set = {};
  std::vector<Node> of = {};
  std::uint32_t min = 0;
  std::uint32_t max = 0;
};

struct Regex {
  Node root = {};
  bool shortest = false;  // of the matches at a place the shortest counts
  bool hex = false;       // a hex string: no match is too long
};

// The text between the slashes. kMalformed says what is wrong. Groups nest at
// most 32 deep.
[[nodiscard]] Result<Regex> ParseRegex(std::string_view text, bool caseless,
                                       bool dot_all);

// The text between the braces, without comments: "7f ?5 [2-4] (01 | ~02)".
[[nodiscard]] Result<Regex> ParseHexString(std::string_view text);

struct Width {
  std::uint64_t min = 0;
  std::uint64_t max = 0;  // kEndless: no limit

  static constexpr std::uint64_t kEndless =
      std::numeric_limits<std::uint64_t>::max();
};
[[nodiscard]] Width WidthOf(const Node& node);

// How many bits of a match are fixed at least: 8 for a byte, none for `.`.
[[nodiscard]] double FixedBits(const Node& node);

// As a regular expression for Hyperscan; `wide`: every byte is followed by a
// zero. `exact` becomes false where it
// matches more than the tree does: counted repeats that its compiler could not
// take are without an upper limit.
struct Translation {
  std::string text = {};
  bool exact = true;
};
[[nodiscard]] Translation ForHyperscan(const Regex& regex, bool wide);

// The bytes that every match begins with.
[[nodiscard]] Bytes LeadingBytes(const Node& node, bool wide);

// Both cases of every letter.
[[nodiscard]] ByteSet WithoutCase(const ByteSet& set);

}  // namespace assay::yara
