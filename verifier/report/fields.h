// Reads one JSON object strictly, key by key.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/json.h"
#include "verifier/base/result.h"
#include "verifier/base/time.h"
#include "verifier/report/names.h"

namespace assay::report {

// The first problem of a document; later ones do not replace it.
using FirstProblem = std::optional<Error>;

// Every member is asked for by name; what is missing, of another type or left
// over becomes the document's problem, with its JSON pointer (RFC 6901), and
// reads as an empty value. So code reads to its end and asks once.
class Fields {
 public:
  Fields(const Json& value, std::string pointer, FirstProblem& problem);

  // Whether there is such a member.
  [[nodiscard]] bool Has(std::string_view key) const;
  // Whether there is such a member and it is null; counts as read then.
  [[nodiscard]] bool IsNull(std::string_view key);

  [[nodiscard]] std::string Text(std::string_view key);
  [[nodiscard]] std::string TextIf(std::string_view key);  // may be missing
  // Text in escaped form (base/text.h), as it was before.
  [[nodiscard]] std::string Raw(std::string_view key);
  [[nodiscard]] std::string RawIf(std::string_view key);  // may be missing
  // As TimeText() writes it.
  [[nodiscard]] UnixTime Time(std::string_view key);
  [[nodiscard]] std::optional<UnixTime> TimeIf(std::string_view key);
  // Lower-case hexadecimal digits; of a SHA-256, 64 of them.
  [[nodiscard]] std::string Hex(std::string_view key);
  [[nodiscard]] std::string Sha256(std::string_view key);
  [[nodiscard]] std::uint64_t Number(std::string_view key,
                                     std::uint64_t most = UINT64_MAX);
  [[nodiscard]] std::int64_t Signed(std::string_view key);
  [[nodiscard]] double Real(std::string_view key);
  [[nodiscard]] bool Flag(std::string_view key);
  [[nodiscard]] bool FlagIf(std::string_view key);  // false when missing
  [[nodiscard]] std::vector<std::string> Texts(std::string_view key);
  [[nodiscard]] std::vector<std::string> RawTexts(std::string_view key);
  [[nodiscard]] Fields Object(std::string_view key);

  // The one of `values` that NameOf() gives this name; `not_one` says what it
  // is not when none does.
  template <typename Value>
  [[nodiscard]] Value OneOf(std::string_view key,
                            std::initializer_list<Value> values,
                            std::string_view not_one) {
    const std::string name = Text(key);
    for (const Value value : values) {
      if (NameOf(value) == name) {
        return value;
      }
    }
    Refuse(key, not_one);
    return *values.begin();
  }
  // The names of all members, in the order of the document.
  [[nodiscard]] std::vector<std::string> Keys() const;

  // Calls `use(Fields)` for every object of an array.
  template <typename Use>
  void Each(std::string_view key, Use use) {
    const Json& array = Member(key, Json::value_t::array, "an array");
    for (std::size_t i = 0; i < array.size(); ++i) {
      use(Fields(array[i], PointerTo(key) + "/" + std::to_string(i),
                 *problem_));
    }
  }

  // Members that are allowed and not read.
  void Allow(std::initializer_list<std::string_view> keys);
  // Marks the member at `key` as wrong: "/findings/3/severity: <what>".
  void Refuse(std::string_view key, std::string_view what);
  // Refuses members that were never asked for.
  void End();

 private:
  [[nodiscard]] std::string PointerTo(std::string_view key) const;
  const Json& Member(std::string_view key, Json::value_t type,
                     std::string_view article);

  const Json* value_;
  std::string pointer_;
  FirstProblem* problem_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace assay::report
