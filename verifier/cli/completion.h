// Scripts that teach shells the command line.
#pragma once

#include <string>
#include <vector>

#include "verifier/cli/command_line.h"

namespace assay::cli {

// Each needs nothing but its shell.
[[nodiscard]] std::string BashCompletion(const std::vector<CommandText>& all);
[[nodiscard]] std::string ZshCompletion(const std::vector<CommandText>& all);
[[nodiscard]] std::string FishCompletion(const std::vector<CommandText>& all);

// "'a b'|'a c'": the paths of all commands below the program, as patterns that
// `between` stands between.
[[nodiscard]] std::string CommandPatterns(const std::vector<CommandText>& all,
                                          std::string_view between);

}  // namespace assay::cli
