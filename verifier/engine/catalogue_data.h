// The rule catalogue as it was when the program was built.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace assay::engine {

// Name below rules/catalog and text of every rule file, sorted by name.
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>&
CatalogueData();

}  // namespace assay::engine
