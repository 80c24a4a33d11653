// Runs one fact extractor over bytes and shows what it said as text.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/hex.h"
#include "verifier/facts/extractors.h"

namespace assay::testing {

struct Examined {
  bool understood = false;
  std::vector<Fact> facts = {};

  // "kind value name=text ..." of each fact. What is followed through a script
  // (does, gate, tainted of commands) has tests of its own.
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const Fact& fact : facts) {
      std::string line = std::string(fact.kind) + ' ' + fact.value;
      for (const auto& [name, text] : fact.attributes) {
        const bool followed =
            name == "does" || name == "gate" || name == "tainted";
        if (fact.kind != "command" || !followed) {
          line.append(" ").append(name).append("=").append(text);
        }
      }
      lines.push_back(line);
    }
    return lines;
  }
  // Values of the facts of one kind.
  [[nodiscard]] std::vector<std::string> Values(std::string_view kind) const {
    std::vector<std::string> values;
    for (const Fact& fact : facts) {
      if (fact.kind == kind) {
        values.push_back(fact.value);
      }
    }
    return values;
  }
};

inline Examined Examine(const Analysis& analysis, std::string_view path,
                        ByteView content, FileMetadata meta = {},
                        Limits limits = {}) {
  Artifact artifact;
  artifact.inner_path = path;
  artifact.meta = std::move(meta);
  Observations seen;
  const bool understood = analysis.examine({artifact, content, limits}, seen);
  return {understood, std::move(seen.facts)};
}

inline Examined Examine(const Analysis& analysis, std::string_view path,
                        std::string_view content) {
  return Examine(analysis, path, AsBytes(content));
}

// The bytes that a fact points at.
inline std::string PlaceText(const Fact& fact, ByteView content) {
  const auto place = fact.place.value_or(Range{});
  const auto bytes = Slice(content, place.offset, place.length);
  return bytes ? std::string(AsText(*bytes)) : "outside";
}

// What holds for every fact whatever the input: its kind and attributes are
// in the vocabulary, and its place lies inside the content.
inline void ExpectLawful(const Examined& seen, ByteView content) {
  for (const Fact& fact : seen.facts) {
    const FactKind* kind = FindFactKind(fact.kind);
    ASSERT_NE(kind, nullptr) << fact.kind;
    for (const auto& [name, text] : fact.attributes) {
      EXPECT_NE(
          std::find(kind->attributes.begin(), kind->attributes.end(), name),
          kind->attributes.end())
          << fact.kind << " has no attribute " << name;
    }
    if (fact.place) {
      EXPECT_TRUE(Slice(content, fact.place->offset, fact.place->length))
          << fact.kind;
    }
  }
}

// Every prefix and every flipped byte of `content` keeps the laws.
inline void Sweep(const Analysis& analysis, std::string_view path,
                  ByteView content,
                  const std::vector<unsigned>& flips = {0x01, 0x80, 0xFF}) {
  for (std::size_t size = 0; size <= content.size(); ++size) {
    // Its own buffer, so that a sanitizer sees any read past the end.
    const Bytes prefix = CopyOf(content.first(size));
    ExpectLawful(Examine(analysis, path, prefix), prefix);
  }
  for (std::size_t at = 0; at < content.size(); ++at) {
    for (const unsigned flip : flips) {
      Bytes damaged = CopyOf(content);
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ flip);
      ExpectLawful(Examine(analysis, path, damaged), damaged);
    }
  }
}

using Strings = std::vector<std::string>;

}  // namespace assay::testing
