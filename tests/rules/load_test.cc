// What a rule file may say, and where its mistakes are reported.

#include "rules/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rules/pattern_scanner.h"
#include "tests/rules/support.h"

namespace assay::rules {
namespace {

using testing::RuleText;

constexpr const char* kFact = "fact: {kind: account}";

std::vector<std::string> ProblemsOf(const std::string& text) {
  std::vector<std::string> problems;
  for (const Problem& problem : ParseRules({{"hf01_x/a.yml", text}}).problems) {
    problems.push_back(TextOf(problem));
  }
  return problems;
}

std::string Without(std::string text, const std::string& line_start) {
  const std::size_t at = text.find(line_start);
  return text.erase(at, text.find('\n', at) + 1 - at);
}

TEST(LoadTest, ReadsACompleteRule) {
  const RuleSet rules = testing::RulesOf({RuleText(
      kFact,
      "scope: product\nattack: [T1078.001]\nunless: [declared, sbom]\n"
      "patterns: {shell: {literal: BusyBox, nocase: true}}\n")});
  ASSERT_EQ(rules.rules.size(), 1U);
  const Rule& rule = rules.rules[0];
  EXPECT_EQ(rule.id, "NI3-HF01-001");
  EXPECT_EQ(rule.severity, Severity::kHigh);
  EXPECT_EQ(rule.scope, Rule::Scope::kProduct);
  EXPECT_EQ(rule.unless, (std::vector{Anchor::kDeclared, Anchor::kSbom}));
  EXPECT_TRUE(rule.patterns.at(0).pattern.caseless);
  EXPECT_TRUE(rule.each);  // the default for a fact
  EXPECT_EQ(rule.file, "hf01_x/a.yml");
}

TEST(LoadTest, OfAListOfKindsAnyWillDo) {
  const RuleSet rules = testing::RulesOf(
      {RuleText("fact: {kind: [elf.header, pe.header], value: x86}")});
  const Condition& when = rules.rules.at(0).when;
  EXPECT_EQ(when.kind, Condition::Kind::kAny);
  ASSERT_EQ(when.of.size(), 2U);
  EXPECT_EQ(when.of[0].what, "elf.header");
  EXPECT_EQ(when.of[1].what, "pe.header");
  for (const Condition& fact : when.of) {
    EXPECT_EQ(fact.kind, Condition::Kind::kFact);
    EXPECT_EQ(fact.tests.size(), 1U);
  }
  EXPECT_TRUE(rules.rules[0].each);  // as for a single fact
}

struct Mistake {
  const char* name;
  std::string text;
  const char* problem;  // the start of the first one
};

class MistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsReportedWithItsPlace) {
  const auto problems = ProblemsOf(GetParam().text);
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems[0].substr(0, std::string(GetParam().problem).size()),
            GetParam().problem);
}

// RuleText() puts `extra` on line 11 and the condition two lines further.
INSTANTIATE_TEST_SUITE_P(
    Rules, MistakeTest,
    ::testing::Values(
        Mistake{"no_yaml", "id: [1, 2", "hf01_x/a.yml:1:1: end of sequence"},
        Mistake{"no_map", "- a\n- b\n", "hf01_x/a.yml:1:1: a map was expected"},
        Mistake{"empty", "", "hf01_x/a.yml:"},
        Mistake{"tab", "id: x\n\tversion: 1\n", "hf01_x/a.yml:2:1: "},
        Mistake{"unknown_key", RuleText(kFact, "titel: x\n"),
                "hf01_x/a.yml:11:1: unknown key \"titel\""},
        Mistake{"key_twice", RuleText(kFact, "version: 2\n"),
                "hf01_x/a.yml:11:1: key \"version\" twice"},
        Mistake{"missing_key", Without(RuleText(kFact), "title:"),
                "hf01_x/a.yml:1:1: key \"title\" is missing"},
        Mistake{"severity", RuleText(kFact, "scope: here\n"),
                "hf01_x/a.yml:11:8: scope is artifact or product"},
        Mistake{"no_number", RuleText(kFact, "cwe: [x]\n"),
                "hf01_x/a.yml:11:1: key \"cwe\" twice"},
        Mistake{"anchor", RuleText(kFact, "unless: [path]\n"),
                "hf01_x/a.yml:11:10: an anchor is declared"},
        Mistake{"flag", RuleText(kFact, "each: maybe\n"),
                "hf01_x/a.yml:11:7: true or false was expected"},
        Mistake{
            "two_forms",
            RuleText(kFact, "patterns: {p: {literal: aaaaa, hex: \"00\"}}\n"),
            "hf01_x/a.yml:11:15: a pattern is one of"},
        Mistake{"refused_pattern",
                RuleText("pattern: p", "patterns: {p: {regex: \"(\"}}\n"),
                "hf01_x/a.yml:11:15: pattern 0 \"(\": "},
        Mistake{"unknown_pattern", RuleText("pattern: q"),
                "hf01_x/a.yml:12:3: the rule has no pattern \"q\""},
        Mistake{"unknown_condition", RuleText("fakt: {kind: account}"),
                "hf01_x/a.yml:12:3: unknown condition \"fakt\""},
        Mistake{"two_conditions", RuleText("{path: a, format: b}"),
                "hf01_x/a.yml:12:3: a condition is a map with exactly one key"},
        Mistake{"nothing_in_all", RuleText("all: []"),
                "hf01_x/a.yml:12:3: a condition over nothing"},
        Mistake{"count_without_bound", RuleText("count: {of: [path: a]}"),
                "hf01_x/a.yml:12:10: key \"at_least\" is missing"},
        Mistake{"count_of_zero",
                RuleText("count: {of: [path: a], at_least: 0}"),
                "hf01_x/a.yml:12:36: at_least goes from 1"},
        Mistake{"join_of_one",
                RuleText("join: {on: spki, of: [fact: {kind: account}]}"),
                "hf01_x/a.yml:12:9: join takes exactly two facts"},
        Mistake{"unknown_field", RuleText("signature: {colour: red}"),
                "hf01_x/a.yml:12:15: unknown key \"colour\""},
        Mistake{"no_test", RuleText("sbom: {}"),
                "hf01_x/a.yml:12:3: a condition that tests nothing"},
        Mistake{"bad_order", RuleText("size: \">=much\""),
                "hf01_x/a.yml:12:9: \">=much\" compares with no number"},
        Mistake{"bad_list", RuleText("format: \"in elf, pe\""),
                "hf01_x/a.yml:12:11: \"elf, pe\" is no list"},
        Mistake{"bad_value_regex",
                RuleText("fact: {kind: account, value: \"matches [\"}"),
                "hf01_x/a.yml:12:3: pattern 0 \"[\": "},
        Mistake{
            "example_kind",
            RuleText(kFact, "examples: {match: [{facts: [{kind: acount}]}]}\n"),
            "hf01_x/a.yml:11:29: unknown kind of fact"},
        Mistake{"example_attribute",
                RuleText(kFact,
                         "examples: {match: [{facts: [{kind: account, "
                         "attributes: {u: 0}}]}]}\n"),
                "hf01_x/a.yml:11:58: account has no attribute \"u\""},
        Mistake{"example_content",
                RuleText(kFact, "examples: {match: [{files: [{path: a}]}]}\n"),
                "hf01_x/a.yml:11:29: one of text, base64 or hex"}),
    [](const auto& test) { return test.param.name; });

TEST(LoadTest, DeepNestingIsRefused) {
  std::string when = "path: a";
  for (int i = 0; i < 40; ++i) {
    when = "none: [{" + when + "}]";
  }
  const auto problems = ProblemsOf(RuleText(when));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("nested too deep"), std::string::npos);
}

TEST(LoadTest, AnAliasOfItselfEnds) {
  EXPECT_FALSE(ProblemsOf(RuleText("&a {all: [*a]}")).empty());
}

TEST(LoadTest, OneBadFileLeavesTheOthers) {
  std::string second = RuleText(kFact);
  second.replace(second.find("-001"), 4, "-002");
  const LoadedRules loaded =
      ParseRules({{"hf01_x/bad.yml", "id: ["}, {"hf01_x/good.yml", second}});
  EXPECT_EQ(loaded.problems.size(), 1U);
  ASSERT_EQ(loaded.rules.rules.size(), 1U);
  EXPECT_EQ(loaded.rules.rules[0].id, "NI3-HF01-002");
}

TEST(LoadTest, ARefusedPatternLeavesTheOtherRules) {
  std::string second =
      RuleText("pattern: p", "patterns: {p: {literal: BusyBox}}\n");
  second.replace(second.find("-001"), 4, "-002");
  const LoadedRules loaded = ParseRules(
      {{"hf01_x/a.yml",
        RuleText("pattern: p", "patterns: {p: {regex: \"a{\\\\\"}}\n")},
       {"hf01_x/b.yml", second}});
  EXPECT_EQ(loaded.problems.size(), 1U);
  ASSERT_EQ(loaded.rules.rules.size(), 1U);
  ASSERT_TRUE(loaded.rules.scanner);
  EXPECT_EQ(loaded.rules.scanner->Scan({}, {}, AsBytes("BusyBox")).size(), 1U);
}

TEST(LoadTest, AnIdIsTakenOnce) {
  const std::string rule = RuleText(kFact);
  const LoadedRules loaded =
      ParseRules({{"hf01_x/b.yml", rule}, {"hf01_x/a.yml", rule}});
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(TextOf(loaded.problems[0]),
            "hf01_x/b.yml:1:1: id NI3-HF01-001 is already that of "
            "hf01_x/a.yml");
  EXPECT_EQ(loaded.rules.rules.size(), 1U);
}

TEST(LoadTest, DigestDependsOnContentAndNamesNotOnOrder) {
  const RuleFile a{"hf01_x/a.yml", "id: 1"};
  const RuleFile b{"hf01_x/b.yml", "id: 2"};
  const std::string digest = ParseRules({a, b}).rules.sha256;
  EXPECT_EQ(digest, ParseRules({b, a}).rules.sha256);
  EXPECT_NE(digest, ParseRules({a}).rules.sha256);
  EXPECT_NE(digest, ParseRules({a, {"hf01_x/c.yml", "id: 2"}}).rules.sha256);
  EXPECT_EQ(digest.size(), 64U);
}

TEST(LoadTest, EqualPatternsOfTwoRulesAreOne) {
  const std::string patterns = "patterns: {p: {literal: BusyBox}}\n";
  std::string second = RuleText("pattern: p", patterns);
  second.replace(second.find("-001"), 4, "-002");
  const RuleSet rules =
      testing::RulesOf({RuleText("pattern: p", patterns), second});
  EXPECT_EQ(rules.patterns.size(), 1U);
  EXPECT_EQ(rules.rules[0].when.pattern, rules.rules[1].when.pattern);
}

TEST(LoadTest, AMissingFolderIsAnError) {
  const auto files = ReadFolder("/nonexistent/rules");
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code, ErrorCode::kUnreadable);
  EXPECT_NE(files.error().what.find("/nonexistent/rules"), std::string::npos);
}

// Whatever the bytes, there is an answer and no crash.
TEST(LoadTest, EveryPrefixAndFlippedByteIsAnswered) {
  const std::string text = RuleText(
      "all:\n    - fact: {kind: account, attributes: {uid: \"==0\"}}\n"
      "    - pattern: p",
      "patterns: {p: {literal: BusyBox}}\n"
      "examples: {no_match: [{facts: [{kind: account, value: root}]}]}\n");
  ASSERT_TRUE(ProblemsOf(text).empty());
  for (std::size_t size = 0; size < text.size(); size += 3) {
    (void)ProblemsOf(text.substr(0, size));
  }
  for (std::size_t at = 0; at < text.size(); at += 3) {
    for (const char mask : {'\x01', '\x20', '\x7f'}) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      (void)ProblemsOf(damaged);
    }
  }
}

}  // namespace
}  // namespace assay::rules
