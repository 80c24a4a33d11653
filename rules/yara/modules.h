// The functions of YARA's modules that are evaluated here: of "math" and
// "hash". Source: YARA 4.2 documentation, "Modules".
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "rules/yara/value.h"
#include "verifier/base/bytes.h"

namespace assay::yara {

struct Call {
  static constexpr std::size_t kNoData = 9;

  std::string_view path = {};  // "math.entropy()"
  std::size_t arguments = 0;
  // The first of the arguments that say which bytes it is about: a text, or
  // offset and length; all of the content where there is none.
  std::size_t data = kNoData;
  // Undefined for arguments of other types.
  Value (*run)(ByteView data, std::span<const Value> arguments) = nullptr;
};

// The bytes that a call is about, none with kNoData; nothing outside of the
// content. A range that begins inside and ends outside is cut, as in YARA.
[[nodiscard]] std::optional<ByteView> DataOf(const Call& call, ByteView content,
                                             std::span<const Value> arguments);

// Null when there is none with so many arguments.
[[nodiscard]] const Call* FindCall(std::string_view path,
                                   std::size_t arguments);

}  // namespace assay::yara
