// How components of different sources are known to be the same.
#pragma once

#include <string>
#include <string_view>

#include "verifier/model/component.h"

namespace assay::sbom {

// What both sides of a comparison call a package.
struct Identity {
  std::string type = {};  // of the package URL; "" when there is none
  std::string name = {};  // comparable: with scope or group, lower case
  std::string version = {};
  std::string arch = {};
};
[[nodiscard]] Identity IdentityOf(const Component& component);

// PEP 503: lower case, runs of "-_." are one dash.
[[nodiscard]] std::string PythonName(std::string_view name);

}  // namespace assay::sbom
