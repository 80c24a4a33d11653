// The groups of a libconfig or JSON text, as far as a list of files needs
// them: settings that are strings.
// Grammar: libconfig manual, "Configuration File Grammar"; RFC 8259.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/result.h"

namespace assay::signatures {

struct ConfigGroup {
  std::string path = {};  // names of the settings around it, by '/'
  std::map<std::string, std::string> strings = {};
};

// Every group, an inner one behind the one around it. kMalformed for anything
// outside of the grammar, for a name that is set twice, and for @include.
[[nodiscard]] Result<std::vector<ConfigGroup>> ReadLibconfig(
    std::string_view text);

}  // namespace assay::signatures
