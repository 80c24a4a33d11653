// The few ways in which VEX documents are read.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "verifier/base/json.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"
#include "verifier/engine/vex.h"

namespace assay::engine {

// A value and its place. The first problem of a document is kept; what is
// wrong reads as empty, so that code reads to its end and asks once.
class VexFields {
 public:
  VexFields(const Json& value, std::string at, std::optional<Error>& problem)
      : value_(&value), at_(std::move(at)), problem_(&problem) {}

  [[nodiscard]] const std::string& at() const { return at_; }
  [[nodiscard]] bool Has(std::string_view key) const;
  // Text without characters that end or reorder a line; line breaks become
  // spaces.
  [[nodiscard]] std::string Text(std::string_view key);
  [[nodiscard]] std::string TextIf(std::string_view key);  // "" when missing
  [[nodiscard]] std::optional<UnixTime> TimeIf(std::string_view key);
  [[nodiscard]] VexFields Object(std::string_view key);  // {} when missing
  // Text at `key`, which is one of `words`; "" and a problem otherwise.
  template <std::size_t kCount>
  [[nodiscard]] std::string WordIf(
      std::string_view key, const std::array<std::string_view, kCount>& words) {
    std::string word = TextIf(key);
    for (const std::string_view known : words) {
      if (word == known) {
        return word;
      }
    }
    if (Has(key)) {
      Refuse(key, "\"" + word + "\" is not a word that this version knows");
    }
    return "";
  }

  // Calls `use(VexFields)` for every element; none when missing.
  template <typename Use>
  void Each(std::string_view key, Use use) {
    const Json& list = At(*value_, key);
    if (!list.is_null() && !list.is_array()) {
      Refuse(key, "not a list");
      return;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      use(VexFields(list[i], PointerTo(key) + "/" + std::to_string(i),
                    *problem_));
    }
  }
  // The value itself as text: an element of a list of texts.
  [[nodiscard]] std::string AsText();

  void Refuse(std::string_view key, std::string_view what);
  void Unsupported(std::string_view key, std::string_view what);

 private:
  [[nodiscard]] std::string PointerTo(std::string_view key) const;
  [[nodiscard]] std::string Inert(std::string_view key, std::string text);

  const Json* value_;
  std::string at_;
  std::optional<Error>* problem_;
};

// "REASON: WORDS", or what there is of both.
[[nodiscard]] std::string ReasonOf(std::string_view justification,
                                   std::string_view words);

// The prefix of what Assay's own VEX calls artifacts: behind it their path,
// percent-encoded.
inline constexpr std::string_view kPathUrn = "urn:assay:path:";

// The path behind the prefix; "" for anything else.
[[nodiscard]] std::string PathOfUrn(std::string_view text);

}  // namespace assay::engine
