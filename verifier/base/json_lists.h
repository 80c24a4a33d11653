// JSON whose lists are too long to exist as values.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "verifier/base/json.h"

namespace assay {

// A list in the root object of a document that is too long to exist as a value:
// `take` is given its elements one by one as they end, with their place in the
// list, and the list is left empty. What is given may still turn out to stand
// in no JSON at all.
struct JsonList {
  std::string_view key = {};
  std::function<void(const Json& element, std::size_t index)> take = {};
};
[[nodiscard]] Result<Json> ParseJson(std::string_view text,
                                     const std::vector<JsonList>& lists,
                                     int depth = 64);

}  // namespace assay
