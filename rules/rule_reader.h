// One rule file into one rule.
#pragma once

#include <string_view>

#include "rules/rule.h"
#include "rules/yaml_reader.h"

namespace assay::rules {

// Complains about all that is wrong; the rule is then of no use. Never throws.
[[nodiscard]] Rule ReadRule(std::string_view text, YamlReader& reader);

}  // namespace assay::rules
