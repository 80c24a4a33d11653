// Rules in the form of capa, all of them written for this test. Expected:
// capa's documentation of its rule format (doc/format.md of capa-rules) and of
// what it takes for a string.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "rules/capa_rules.h"
#include "rules/example.h"
#include "rules/load.h"

namespace assay::rules {
namespace {

// A rule with these features, one level below "features:".
std::string RuleText(std::string_view name, std::string_view features,
                     std::string_view meta = "scopes: {static: file}") {
  std::string text = "rule:\n  meta:\n    name: ";
  text.append(name).append("\n    ").append(meta);
  text.append("\n  features:\n    - ").append(features).append("\n");
  return text;
}

struct Seen {
  std::vector<Fact> facts = {};
  std::string text = {};
  std::string format = "pe";
};

// What is not as it should be, "" when the rules have no mistakes and the
// first of them holds for what was seen.
std::string WhyNotOf(const std::vector<std::string>& texts, const Seen& seen) {
  std::vector<RuleFile> files;
  for (const std::string& text : texts) {
    files.push_back({"r" + std::to_string(files.size()) + ".yml", text});
  }
  const LoadedRules loaded = ParseRules(std::move(files));
  if (!loaded.problems.empty()) {
    return TextOf(loaded.problems.front());
  }
  for (const NotImported& rule : loaded.rules.not_imported) {
    if (rule.file == "r0.yml") {
      return "not imported: " + rule.why;
    }
  }
  for (const Rule& rule : loaded.rules.rules) {
    if (rule.file == "r0.yml") {
      Example example;
      Node node;
      node.artifact.path = node.artifact.inner_path = "tool.exe";
      node.artifact.format = seen.format;
      node.artifact.has_content = true;
      node.seen.facts = seen.facts;
      example.dossier.survey.nodes.push_back(std::move(node));
      const ByteView bytes = AsBytes(seen.text);
      example.texts.emplace_back(0, Bytes(bytes.begin(), bytes.end()));
      return RunExample(loaded.rules, rule, example).empty() ? "" : "no match";
    }
  }
  return "no rule";
}

std::string WhyNot(std::string_view features, const Seen& seen) {
  return WhyNotOf({RuleText("a", features)}, seen);
}

Fact Import(std::string name, std::string library = "KERNEL32.dll") {
  return {.kind = "pe.import",
          .value = std::move(name),
          .attributes = {{"library", std::move(library)}}};
}

std::string Wide(std::string_view text) {
  std::string wide;
  for (const char c : text) {
    wide += c;
    wide += '\0';
  }
  return wide;
}

TEST(CapaTest, ImportsGoByNameWithOrWithoutLibraryAndEncoding) {
  const Seen create{.facts = {Import("CreateFileA")}};
  for (const char* good :
       {"import: CreateFileA", "import: CreateFile",
        "import: kernel32.CreateFile", "import: kernel32.CreateFileA",
        "import: CreateFile = opens a file"}) {
    EXPECT_EQ(WhyNot(good, create), "") << good;
  }
  for (const char* bad : {"import: CreateFileW", "import: ntdll.CreateFile",
                          "import: CreateFil", "import: createfilea"}) {
    EXPECT_EQ(WhyNot(bad, create), "no match") << bad;
  }
  EXPECT_EQ(
      WhyNot("import: ws2_32.#1", {.facts = {Import("#1", "WS2_32.dll")}}), "");
  EXPECT_EQ(WhyNot("import: ws2_32.#1", {.facts = {Import("#1", "x.dll")}}),
            "no match");
  EXPECT_EQ(WhyNot("import: system",
                   {.facts = {{.kind = "elf.import", .value = "system"}},
                    .format = "elf"}),
            "");
}

TEST(CapaTest, ExportsThatArePassedOnGoByTheirTarget) {
  const Seen passed{.facts = {{.kind = "pe.export",
                               .value = "Here",
                               .attributes = {{"forward", "NTDLL.There"}}}}};
  const Seen own{.facts = {{.kind = "pe.export", .value = "Here"}}};
  EXPECT_EQ(WhyNot("export: Here", own), "");
  EXPECT_EQ(WhyNot("export: Here", passed), "no match");
  EXPECT_EQ(WhyNot("export: ntdll.There", passed), "");
  EXPECT_EQ(WhyNot("characteristic: forwarded export", passed), "");
  EXPECT_EQ(WhyNot("characteristic: forwarded export", own), "no match");
}

TEST(CapaTest, AStringIsAWholeRunOfPrintableCharacters) {
  const auto match = [](std::string_view value, const std::string& text) {
    return WhyNot("string: " + std::string(value), {.text = text}).empty();
  };
  using namespace std::string_literals;
  EXPECT_TRUE(match("needle", "needle"));
  EXPECT_TRUE(match("needle", "\0needle\0"s));
  EXPECT_TRUE(match("needle", "\xffneedle\n"));
  EXPECT_FALSE(match("needle", "\0a needle\0"s));
  EXPECT_FALSE(match("needle", "needles"));
  EXPECT_FALSE(match("needle", "Needle"));
  EXPECT_TRUE(match("needle", Wide("needle")));
  EXPECT_TRUE(match("needle", "\1\1" + Wide("needle") + "\0\0"s));
  EXPECT_FALSE(match("needle", Wide("a needle")));
  EXPECT_FALSE(match("needle", Wide("needles")));
  EXPECT_TRUE(match("a (b) [c] $d", "\0a (b) [c] $d\0"s));
  EXPECT_TRUE(match("a = b", "\0a = b\0"s));
}

TEST(CapaTest, RegularExpressionsStayWithinOneString) {
  const auto match = [](std::string_view value, const std::string& text) {
    return WhyNot("string: " + std::string(value), {.text = text}).empty();
  };
  using namespace std::string_literals;
  EXPECT_TRUE(match("/begin.*end/", "x begin and end x"));
  EXPECT_FALSE(match("/begin.*end/", "begin\0end"s));
  EXPECT_FALSE(match("/begin[^a]*end/", "begin\0end"s));
  EXPECT_TRUE(match("/begin.*end/", Wide("begin and end")));
  EXPECT_FALSE(match("/begin.*end/", "BEGIN END"));
  EXPECT_TRUE(match("/begin.*end/i", "BEGIN END"));
  EXPECT_TRUE(match("/(?i)begin/", "BEGIN"));
  EXPECT_TRUE(match("/^start/", "\0start here"s));
  EXPECT_FALSE(match("/^start/", "\0re start"s));
  EXPECT_TRUE(match("/end$/", "the end\0"s));
  EXPECT_FALSE(match("/end$/", "the ends\0"s));
  EXPECT_TRUE(match(R"(/\\pipe\\\w{4,8}/)", R"(\\.\pipe\name1)"));
  EXPECT_TRUE(match(R"(/port[:=]\s*\d+/)", "port: 4711"));
  EXPECT_FALSE(match(R"(/port[:=]\s*\d+/)", "port:\n4711"));
  EXPECT_TRUE(match("/(cat|dog)s?food/", Wide("dogfood")));
}

TEST(CapaTest, OtherFeaturesOfAFile) {
  EXPECT_EQ(WhyNot("substring: middle", {.text = "in the middle of"}), "");
  EXPECT_EQ(WhyNot("substring: middle", {.text = Wide("the middle of")}), "");
  EXPECT_EQ(WhyNot("section: .rsrc",
                   {.facts = {{.kind = "pe.section", .value = ".rsrc"}}}),
            "");
  EXPECT_EQ(WhyNot("section: .rsrc",
                   {.facts = {{.kind = "pe.section", .value = ".rsrc2"}}}),
            "no match");
  EXPECT_EQ(WhyNot("characteristic: embedded pe",
                   {.facts = {{.kind = "pe.carried",
                               .value = ".data",
                               .attributes = {{"format", "pe"}}}}}),
            "");
}

TEST(CapaTest, StatementsCombine) {
  const Seen two{.facts = {Import("One"), Import("Two")}};
  const auto why = [&](std::string_view features) {
    return WhyNot(features, two);
  };
  EXPECT_EQ(why("and:\n      - import: One\n      - import: Two"), "");
  EXPECT_EQ(why("and:\n      - import: One\n      - import: Six"), "no match");
  EXPECT_EQ(why("or:\n      - import: Six\n      - import: Two"), "");
  EXPECT_EQ(why("and:\n      - import: One\n      - not:\n"
                "        - import: Two"),
            "no match");
  EXPECT_EQ(why("2 or more:\n      - import: One\n      - import: Two\n"
                "      - import: Six"),
            "");
  EXPECT_EQ(why("3 or more:\n      - import: One\n      - import: Two\n"
                "      - import: Six\n      - import: Ten"),
            "no match");
  EXPECT_EQ(why("and:\n      - description: why\n      - import: One\n"
                "      - optional:\n        - import: Six\n      - os: any"),
            "");
  EXPECT_EQ(why("and:\n      - os: windows\n      - import: One"), "");
  EXPECT_EQ(why("and:\n      - format: elf\n      - import: One"), "no match");
  const Seen narrow{
      .facts = {Import("One"), {.kind = "pe.header", .value = "x86"}}};
  EXPECT_EQ(WhyNot("and:\n      - arch: i386\n      - import: One", narrow),
            "");
  EXPECT_EQ(WhyNot("and:\n      - arch: amd64\n      - import: One", narrow),
            "no match");
}

TEST(CapaTest, FeaturesAreCounted) {
  const auto why = [](std::string_view times) {
    return WhyNot("and:\n      - string: other\n      - count(string(word)): " +
                      std::string(times),
                  {.text = std::string("other\0word\0word\0words", 21)});
  };
  for (const char* good :
       {"2", "1 or more", "2 or more", "2 or fewer", "(2, 3)", "(0, 2)"}) {
    EXPECT_EQ(why(good), "") << good;
  }
  for (const char* bad :
       {"0", "1", "3", "3 or more", "1 or fewer", "(0, 1)", "(3, 4)"}) {
    EXPECT_EQ(why(bad), "no match") << bad;
  }
  EXPECT_EQ(WhyNot("count(import(One)): 1", {.facts = {Import("One")}}), "");
  EXPECT_EQ(WhyNot("count(import(One)): 2", {.facts = {Import("One")}}),
            "no match");
}

TEST(CapaTest, RulesAskForEachOther) {
  const Seen one{.facts = {Import("One")}};
  const std::string other = RuleText(
      "other", "import: One", "namespace: a/b\n    lib: true\n    scope: file");
  EXPECT_EQ(WhyNotOf({RuleText("a", "match: other"), other}, one), "");
  EXPECT_EQ(WhyNotOf({RuleText("a", "match: a"), other}, one),
            "not imported: depends on rule a, which asks for itself");
  EXPECT_EQ(WhyNotOf({RuleText("x", "match: a"), other}, one), "");
  EXPECT_EQ(WhyNotOf({RuleText("x", "match: a/b"), other}, one), "");
  EXPECT_EQ(WhyNotOf({RuleText("x", "match: a/bc"), other}, one),
            "not imported: asks for \"a/bc\", which is not there");
  const LoadedRules loaded = ParseRules({{"other.yml", other}});
  EXPECT_TRUE(loaded.rules.rules.empty());  // only there for others
  EXPECT_TRUE(loaded.rules.not_imported.empty());
}

TEST(CapaTest, WhatIsNotEvaluatedIsNamedWithItsReason) {
  struct Case {
    std::string_view features, meta, why;
  };
  constexpr std::string_view kFile = "scopes: {static: file}";
  for (const Case& one :
       {Case{"api: CreateFile", "scopes: {static: function}",
             "asks about each function, not the file"},
        Case{"api: CreateFile", "scope: basic block",
             "asks about each basic block, not the file"},
        Case{"api: CreateFile", "scopes: {dynamic: call}",
             "asks about each run, not the file"},
        Case{"function-name: memcpy", kFile,
             "asks for functions that are recognized"},
        Case{"number: 0x10", kFile, "asks for \"number\""},
        Case{"count(section): 4", kFile, "asks for \"count(section): 4\""},
        Case{"count(string(word)): 64", kFile,
             "asks for \"count(string(word)): 64\""},
        Case{"count(format(pe)): 1", kFile, "counts \"format(pe)\""},
        Case{"string: abc", kFile, "strings have four characters at least"},
        Case{"string: /(?=x)abcd/", kFile,
             "its regular expression has a group that is no plain one"},
        Case{"characteristic: mixed mode", kFile,
             "asks for the characteristic \"mixed mode\""},
        Case{"os: macos", kFile, "asks for the system \"macos\""},
        Case{"os: windows", kFile,
             "asks for nothing but a format, or for what is absent"},
        Case{"os: any", kFile, "holds for every file"},
        Case{"and:\n      - function:\n        - api: x", kFile,
             "asks for \"function\""}}) {
    EXPECT_EQ(WhyNotOf({RuleText("a", one.features, one.meta)}, {}),
              "not imported: " + std::string(one.why))
        << one.features;
  }
}

TEST(CapaTest, MistakesHavePlaceAndCure) {
  const auto problem = [](const std::string& text) {
    const LoadedRules loaded = ParseRules({{"a.yml", text}});
    return loaded.problems.empty() ? "" : TextOf(loaded.problems.front());
  };
  EXPECT_EQ(problem("rule:\n  meta:\n    scope: file\n  features:\n"
                    "    - import: x\n"),
            "a.yml:3:5: the rule has no name: add \"name:\" to its meta");
  EXPECT_EQ(problem("rule:\n  meta:\n    name: x\n  features:\n"
                    "    - import: x\n"),
            "a.yml:3:5: the rule has no scope: add \"scopes:\" with "
            "\"static: file\" to its meta");
  EXPECT_EQ(problem("rule:\n  meta: {name: x, scope: file}\n  features:\n"
                    "    - import: x\n    - import: y\n"),
            "a.yml:4:5: \"features:\" is a list of one statement: put the "
            "features below \"- and:\" or \"- or:\"");
  EXPECT_EQ(problem(RuleText("x", "and: []")),
            "a.yml:6:7: a statement over nothing: name the features below it");
  EXPECT_EQ(problem("rule: [\n"), "a.yml:2:1: end of sequence flow not found");
  EXPECT_EQ(problem("rule: x\n"),
            "a.yml:1:1: a rule of capa has \"rule:\" with \"meta:\" and "
            "\"features:\" below");
  const LoadedRules twice = ParseRules({{"a.yml", RuleText("x", "import: y")},
                                        {"b.yml", RuleText("x", "import: y")}});
  ASSERT_EQ(twice.problems.size(), 1U);
  EXPECT_EQ(TextOf(twice.problems[0]),
            "b.yml:3:5: name \"x\" is already that of a.yml: names are what "
            "rules ask for each other by");
}

TEST(CapaTest, FindingsStayNeutral) {
  const LoadedRules loaded = ParseRules(
      {{"dir/a.yml",
        RuleText("does {this}", "import: x",
                 "scope: file\n    description: its author's words\n"
                 "    att&ck:\n      - Tactic::Technique [T1055.001]")}});
  ASSERT_EQ(loaded.rules.rules.size(), 1U);
  const Rule& rule = loaded.rules.rules[0];
  EXPECT_EQ(rule.id, "CAPA:dir/a.yml:does {this}");
  EXPECT_EQ(rule.family, kCapaFamily);
  EXPECT_EQ(rule.severity, Severity::kLow);
  EXPECT_EQ(rule.confidence, Confidence::kLow);
  EXPECT_EQ(rule.title, "content matches the imported rule \"does (this)\"");
  EXPECT_EQ(rule.attack, std::vector<std::string>{"T1055.001"});
  EXPECT_NE(rule.explanation.find("\"its author's words\""), std::string::npos);
}

// Every prefix of a rule is a rule, a mistake, or not imported; never a crash.
TEST(CapaTest, NoPrefixIsFatal) {
  const std::string text =
      RuleText("x",
               "or:\n      - string: /a[b-d]\\x41{2,3}(?:e|f)$/i\n"
               "      - 2 or more:\n        - substring: abcde\n"
               "        - match: y\n        - not:\n          - section: .x");
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string prefix = text.substr(0, size);
    if (IsCapaRule(prefix)) {
      const LoadedRules loaded = ParseRules({{"a.yml", prefix}});
      EXPECT_EQ(
          loaded.problems.empty(),
          loaded.rules.rules.size() + loaded.rules.not_imported.size() == 1);
    }
  }
}

}  // namespace
}  // namespace assay::rules
