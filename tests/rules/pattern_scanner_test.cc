// A pattern is looked for wherever a rule could use it.

#include "rules/pattern_scanner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/rules/support.h"

namespace assay::rules {
namespace {

using testing::RulesOf;
using testing::RuleText;

constexpr const char* kPatterns = "patterns: {p: {literal: needle}}\n";

// Whether the pattern of a rule is found in an artifact at etc/x.py, a Python
// script.
bool IsFound(const std::string& rule) {
  const RuleSet rules = RulesOf({rule});
  Artifact artifact;
  artifact.inner_path = "etc/x.py";
  const std::vector<Fact> facts = {{.kind = "script", .value = "python"},
                                   {.kind = "elf.ifunc", .value = "7"}};
  return !rules.scanner->Scan(artifact, facts, AsBytes("a needle")).empty();
}

TEST(PatternScannerTest, LooksWhereverARuleCouldUseThePattern) {
  for (const char* when : {
           "pattern: p",
           "any: [{pattern: p}, {fact: {kind: script, value: lua}}]",
           "all: [{pattern: p}, {fact: {kind: script, value: python}}]",
           "all: [{pattern: p}, {fact: {kind: script, value: [lua, python]}}]",
           "all: [{pattern: p}, {fact: {kind: script, value: '!=lua'}}]",
           // Equal as numbers.
           "all: [{pattern: p}, {fact: {kind: elf.ifunc, value: '7.0'}}]",
           // No fact of the content itself: known later, or never.
           "all: [{pattern: p}, {fact: {kind: web.unlinked}}]",
           "all: [{pattern: p}, {path: ['etc/**', 'usr/**']}]",
           "all: [{pattern: p}, {any: [{path: 'usr/**'}, {path: '**/*.py'}]}]",
           "all: [{pattern: p}, {any: [{path: 'usr/**'}, {size: '>1'}]}]",
           "all: [{path: 'etc/*'}, {none: [{all: [{pattern: p}, {path: "
           "'**'}]}]}]",
       }) {
    EXPECT_TRUE(IsFound(RuleText(when, kPatterns))) << when;
  }
}

TEST(PatternScannerTest, LooksNowhereElse) {
  for (const char* when : {
           "all: [{pattern: p}, {fact: {kind: script, value: lua}}]",
           "all: [{pattern: p}, {fact: {kind: elf.import}}]",
           "all: [{pattern: p}, {path: 'usr/**'}]",
           "all: [{any: [{pattern: p}, {size: '>1'}]}, {path: 'usr/**'}]",
           "all: [{path: 'usr/**'}, {none: [{pattern: p}]}]",
           "any: [{all: [{pattern: p}, {path: 'usr/**'}]}, {path: 'etc/**'}]",
       }) {
    EXPECT_FALSE(IsFound(RuleText(when, kPatterns))) << when;
  }
}

// There the fact may be another artifact's.
TEST(PatternScannerTest, InAProductOnlyOneArtifactBinds) {
  const std::string product = std::string("scope: product\n") + kPatterns;
  EXPECT_TRUE(IsFound(RuleText(
      "all: [{pattern: p}, {fact: {kind: script, value: lua}}]", product)));
  EXPECT_FALSE(
      IsFound(RuleText("same_artifact: {all: [{pattern: p}, "
                       "{fact: {kind: script, value: lua}}]}",
                       product)));
}

// How many of the patterns a and b are found in "a needle".
std::size_t Found(const std::vector<std::string>& rules, const char* content) {
  return RulesOf(rules).scanner->Scan({}, {}, AsBytes(content)).size();
}

TEST(PatternScannerTest, OfTwoThatARuleNeedsTheSecondWaitsForTheFirst) {
  constexpr const char* kTwo =
      "patterns: {a: {literal: first}, b: {literal: second}}\n";
  const std::string both = RuleText("all: [{pattern: a}, {pattern: b}]", kTwo);
  EXPECT_EQ(Found({both}, "second"), 0U);
  EXPECT_EQ(Found({both}, "first"), 1U);
  EXPECT_EQ(Found({both}, "second, first"), 2U);
  for (const char* when : {
           "any: [{pattern: a}, {pattern: b}]",
           "all: [{any: [{pattern: a}, {size: '>1'}]}, {pattern: b}]",
           "all: [{none: [{pattern: a}]}, {pattern: b}]",
       }) {
    EXPECT_EQ(Found({RuleText(when, kTwo)}, "second"), 1U) << when;
  }
  // A product may have each in another artifact.
  EXPECT_EQ(Found({RuleText("all: [{pattern: a}, {pattern: b}]",
                            std::string("scope: product\n") + kTwo)},
                  "second"),
            1U);
}

TEST(PatternScannerTest, NoPatternWaitsForItself) {
  constexpr const char* kTwo =
      "patterns: {a: {literal: first}, b: {literal: second}}\n";
  std::string other = RuleText("all: [{pattern: b}, {pattern: a}]", kTwo);
  other.replace(other.find("-001"), 4, "-002");
  const std::string one = RuleText("all: [{pattern: a}, {pattern: b}]", kTwo);
  EXPECT_EQ(Found({one, other}, "second, first"), 2U);
  EXPECT_EQ(Found({RuleText("all: [{pattern: p}, {pattern: p}]", kPatterns)},
                  "a needle"),
            1U);
}

TEST(PatternScannerTest, TheWidestOfTwoRulesCounts) {
  std::string second = RuleText("pattern: p", kPatterns);
  second.replace(second.find("-001"), 4, "-002");
  const RuleSet rules = RulesOf(
      {RuleText("all: [{pattern: p}, {path: 'usr/**'}]", kPatterns), second});
  EXPECT_EQ(rules.scanner->Scan({}, {}, AsBytes("a needle")).size(), 1U);
}

}  // namespace
}  // namespace assay::rules
