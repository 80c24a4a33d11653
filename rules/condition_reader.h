// The condition tree of a rule file.
#pragma once

#include <yaml-cpp/yaml.h>

#include "rules/rule.h"
#include "rules/yaml_reader.h"

namespace assay::rules {

// Deeper trees are refused: every walk over a tree is as deep as the tree.
inline constexpr std::uint32_t kConditionDepth = 16;

// Complains about all that is wrong; the result is then of no use. Patterns
// stay names (Condition::what): the loader numbers them.
[[nodiscard]] Condition ReadCondition(const YAML::Node& node,
                                      YamlReader& reader);

}  // namespace assay::rules
