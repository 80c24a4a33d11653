// The examples of a rule file: products in miniature.
#pragma once

#include <yaml-cpp/yaml.h>

#include "rules/rule.h"
#include "rules/yaml_reader.h"

namespace assay::rules {

[[nodiscard]] Example ReadExample(const YAML::Node& node,
                                  Example::Expect expect, YamlReader& reader);

}  // namespace assay::rules
