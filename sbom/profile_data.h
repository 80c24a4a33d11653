// The profiles as they were when the program was built.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace assay::sbom {

// Name below sbom/profiles and text of every profile, sorted by name.
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>&
ProfileData();

}  // namespace assay::sbom
