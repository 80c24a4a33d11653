// Policies to start from, as they were when the program was built.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace assay::engine {

// File name below verifier/engine/presets and text of each, sorted by name.
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>&
Presets();

}  // namespace assay::engine
