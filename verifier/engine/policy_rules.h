// The rules of a policy file.
#pragma once

#include <yaml-cpp/yaml.h>

#include "verifier/model/policy.h"

namespace assay::engine {

// Each throws a PolicyError (policy_yaml.h). A signature rule names anchors of
// `policy`, which has them already.
[[nodiscard]] SignatureRule SignatureRuleOf(const YAML::Node& node,
                                            const Policy& policy);
[[nodiscard]] FreshnessRule FreshnessRuleOf(const YAML::Node& node);

}  // namespace assay::engine
