// Percent-encoding, RFC 3986, section 2.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::sbom {

// Nothing when a '%' does not begin two hexadecimal digits.
[[nodiscard]] std::optional<std::string> PercentDecoded(std::string_view text);

// Letters, digits and the bytes in `plain` stay, every other byte becomes %XX.
[[nodiscard]] std::string PercentEncoded(std::string_view text,
                                         std::string_view plain);

}  // namespace assay::sbom
