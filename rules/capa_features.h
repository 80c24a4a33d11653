// A feature of a capa rule, as a condition of ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.h"

namespace assay::rules {

struct CapaFeature {
  Condition condition = {};
  std::vector<NamedPattern> patterns = {};  // that the condition names
  bool always = false;   // it holds for everything: "os: any"
  std::string why = {};  // why it is not evaluated, or empty
};

// `key: value` as it stands in the rule's list of features; the key may be
// "count(KEY(VALUE))".
[[nodiscard]] CapaFeature ReadCapaFeature(std::string_view key,
                                          std::string_view value, Mark mark);

}  // namespace assay::rules
