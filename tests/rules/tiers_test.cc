#include "rules/tiers.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/rules/support.h"

namespace assay::rules {
namespace {

using testing::RulesOf;
using testing::RuleText;

TEST(Tiers, AreThoseOfTheEvidenceNotOfThePlace) {
  struct Case {
    std::string when;
    std::set<Tier> tiers;
  };
  for (const Case& one : {
           Case{"fact: {kind: listener}", {Tier::kStructure}},
           Case{"fact: {kind: url}", {Tier::kBytes}},
           Case{"fact: {kind: new}", {Tier::kChange}},
           Case{"fact: {kind: elf.import}", {Tier::kSymbols}},
           Case{"all: [{fact: {kind: listener}}, {path: \"etc/**\"}]",
                {Tier::kStructure}},
           Case{"all: [{fact: {kind: elf.import}}, {sbom: {kind: "
                "unexplained-file}}]",
                {Tier::kSymbols, Tier::kRelations}},
           Case{"all: [{fact: {kind: url}}, {none: [{fact: {kind: "
                "elf.import}}]}]",
                {Tier::kBytes}},
       }) {
    const RuleSet rules = RulesOf({RuleText(one.when)});
    EXPECT_EQ(TiersOf(rules.rules.at(0)), one.tiers) << one.when;
  }
}

}  // namespace
}  // namespace assay::rules
