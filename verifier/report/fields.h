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
  // 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string Sha256(std::string_view key);
  [[nodiscard]] std::uint64_t Number(std::string_view key,
                                     std::uint64_t most = UINT64_MAX);
  [[nodiscard]] bool Flag(std::string_view key);
  [[nodiscard]] std::vector<std::string> Texts(std::string_view key);
  [[nodiscard]] Fields Object(std::string_view key);

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
  // A member that must be there, of that type, and is not read.
  void Skip(std::string_view key, Json::value_t type);

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
