// The rules that no schema has, by their stable ids.
#pragma once

#include <string_view>
#include <vector>

namespace assay::sbom {

struct SemanticRule {
  std::string_view id = {};         // "sbom.digest-malformed"
  std::string_view meaning = {};    // one sentence
  std::string_view reference = {};  // the clause that says so
  // Whether a specification forbids what the rule reports; otherwise the
  // document conforms all the same and the rule is advice.
  bool violation = true;
};

[[nodiscard]] const std::vector<SemanticRule>& SemanticRules();
// Null when there is no such rule.
[[nodiscard]] const SemanticRule* FindSemanticRule(std::string_view id);

}  // namespace assay::sbom
