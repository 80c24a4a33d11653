// The only door for JSON that we did not write ourselves.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "verifier/base/result.h"

namespace assay {

// Insertion order is kept, so that what we write is canonical.
using Json = nlohmann::ordered_json;

// kMalformed names the byte; also for nesting over `depth` (deeply nested
// values overflow the stack of this library when copied) and for a repeated
// key, which two readers would read differently.
[[nodiscard]] Result<Json> ParseJson(std::string_view text, int depth = 64);

// A member of an object by name, or null when absent or not an object.
[[nodiscard]] const Json& At(const Json& object, std::string_view key);
// The string at a key, or "" when absent or not a string.
[[nodiscard]] std::string TextAt(const Json& object, std::string_view key);

}  // namespace assay
