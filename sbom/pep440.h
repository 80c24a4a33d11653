// The order of Python versions: PEP 440 as kept at packaging.python.org,
// "Version specifiers", appendix B (the regular expression) and "Summary of
// permitted suffixes and relative ordering".
#pragma once

#include <optional>
#include <string_view>

namespace assay::sbom {

// Below 0, 0 or above 0; nothing when neither text is such a version. One
// that is not is older than any that is (PEP 440's "legacy" versions).
[[nodiscard]] std::optional<int> ComparePep440(std::string_view a,
                                               std::string_view b);

}  // namespace assay::sbom
