// UUIDs that are made of a name: the same name gives the same one.
#pragma once

#include <string>
#include <string_view>

namespace assay::sbom {

// RFC 9562 section 5.5, version 5, in the namespace of URLs (section 6.6).
[[nodiscard]] std::string UuidOf(std::string_view name);

}  // namespace assay::sbom
