#include "verifier/engine/rule_coverage.h"

#include <map>
#include <utility>

#include "rules/tiers.h"

namespace assay::engine {

std::vector<std::string_view> EvidenceTiers() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < rules::kTiers; ++i) {
    names.push_back(rules::NameOf(static_cast<rules::Tier>(i)));
  }
  return names;
}

std::vector<FamilyCoverage> CoverageOf(const rules::RuleSet& rules) {
  std::map<std::string, FamilyCoverage> families;
  for (const rules::Rule& rule : rules.rules) {
    FamilyCoverage& family = families[rule.family];
    family.family = rule.family;
    family.by_tier.resize(rules::kTiers);
    ++family.rules;
    const auto tiers = rules::TiersOf(rule);
    for (const rules::Tier tier : tiers) {
      ++family.by_tier.at(static_cast<std::size_t>(tier));
    }
    family.several += tiers.size() > 1 ? 1U : 0U;
  }
  std::vector<FamilyCoverage> list;
  for (auto& [name, family] : families) {
    list.push_back(std::move(family));
  }
  return list;
}

}  // namespace assay::engine
