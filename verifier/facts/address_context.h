// What facts depend on beside the bytes and the names inside an artifact.
#pragma once

#include <string>
#include <string_view>

namespace assay::facts {

// The same for two artifacts of the same bytes: then everything inside them
// gives the same facts. It names the package that the address leads through.
[[nodiscard]] std::string AddressContext(std::string_view address);

}  // namespace assay::facts
