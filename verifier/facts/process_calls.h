// Calls in Python and JavaScript sources that start another process with a
// literal command: the few library functions that do so, nothing inferred.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::facts {

struct ProcessCall {
  std::string_view function = {};  // "os.system"; static storage
  // One element for a command line, several for a list of arguments.
  std::vector<std::string> words = {};
  bool by_shell = false;  // the one element goes to a shell
  Range place = {};       // from the function's name to the literal's end
  std::uint32_t line = 0;
};

// `language` is "python" or "javascript"; others have no calls.
[[nodiscard]] std::vector<ProcessCall> FindProcessCalls(
    std::string_view language, std::string_view text);

}  // namespace assay::facts
