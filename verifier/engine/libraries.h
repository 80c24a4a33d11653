// The versions of the libraries that read products, as they are loaded now.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace assay::engine {

// Name and version, in the order of names. Libraries that do not say their
// version at run time (ISA-L, libargon2, RE2) are left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
LibraryVersions();

}  // namespace assay::engine
