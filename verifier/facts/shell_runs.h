// Whether a simple command runs what a file, a variable or its input holds.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace assay::facts {

// `words` from the program's name on; `program`: its last step.
[[nodiscard]] bool RunsCode(std::string_view program,
                            std::span<const std::string> words);

}  // namespace assay::facts
