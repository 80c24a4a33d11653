// Atomic observations about an artifact: what rules reason over.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay {

struct Fact {
  // One of FactKinds(); points to static storage.
  std::string_view kind = {};
  std::string value = {};
  // Named details; values compare as numbers where both sides are numbers.
  std::vector<std::pair<std::string_view, std::string>> attributes = {};
  // Where in the artifact it stands; nothing when it is metadata.
  std::optional<Range> place = {};
  // SHA-256 of the bytes at `place`; filled in by the engine while they are
  // hot, so that evidence needs no second reading.
  std::array<std::uint8_t, 32> place_digest = {};

  [[nodiscard]] std::string_view Attribute(std::string_view name) const {
    for (const auto& [key, text] : attributes) {
      if (key == name) {
        return text;
      }
    }
    return {};
  }
};

// What each kind of fact means and which attributes it has: the vocabulary of
// rules, checked by the rule linter and printed by `assay rules list --facts`.
struct FactKind {
  std::string_view name = {};
  std::string_view value = {};  // meaning of Fact::value
  std::vector<std::string_view> attributes = {};
};

[[nodiscard]] std::span<const FactKind> FactKinds();
[[nodiscard]] const FactKind* FindFactKind(std::string_view name);

}  // namespace assay
