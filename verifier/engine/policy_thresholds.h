// What a policy file demands of findings, SBOM and ledger.
#pragma once

#include <yaml-cpp/yaml.h>

#include "verifier/model/policy.h"

namespace assay::engine {

// Throws a PolicyError (policy_yaml.h).
void ReadThresholds(const YAML::Node& root, Policy& policy);

}  // namespace assay::engine
