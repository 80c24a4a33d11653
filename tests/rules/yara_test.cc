// YARA rules as a user relies on them. What a condition means is compared with
// Debian's yara in tests/oracle/yara.sh; here stand the cases that yara 4.2
// does not know, hostile rules and hostile content.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rules/load.h"
#include "rules/yara/program.h"
#include "rules/yara_rules.h"

namespace assay::yara {
namespace {

Compiled CompileText(const std::string& text) {
  return Compile({{"a.yar", text}});
}

std::string Mistake(const std::string& text) {
  const Compiled compiled = CompileText(text);
  return compiled.mistakes.empty() ? "" : compiled.mistakes.front().what;
}

std::string Reason(const std::string& text) {
  const Compiled compiled = CompileText(text);
  return compiled.not_imported.empty() ? ""
                                       : compiled.not_imported.front().what;
}

// Of one rule around the strings and the condition.
bool Matches(const std::string& strings, const std::string& condition,
             const std::string& content) {
  const Compiled compiled =
      CompileText("import \"math\" import \"hash\" rule a { " +
                  (strings.empty() ? "" : "strings: " + strings) +
                  " condition: " + condition + " }");
  EXPECT_TRUE(compiled.mistakes.empty()) << compiled.mistakes.front().what;
  EXPECT_TRUE(compiled.not_imported.empty())
      << compiled.not_imported.front().what;
  return !Scan(compiled.program, AsBytes(content)).hits.empty();
}

TEST(YaraTest, NegatedBytesOfHexStrings) {
  EXPECT_TRUE(Matches("$a = { 61 ~62 63 }", "$a", "axc"));
  EXPECT_FALSE(Matches("$a = { 61 ~62 63 }", "$a", "abc"));
  EXPECT_FALSE(Matches("$a = { 61 ~?2 63 }", "$a", "a2c"));
  EXPECT_TRUE(Matches("$a = { 61 ~?2 63 }", "$a", "a3c"));
}

// As yara 4.2.3 has it.
TEST(YaraTest, EndsOfRangesInClasses) {
  EXPECT_TRUE(Matches("$a = /x[\\w-z]/", "$a", "xy"));
  EXPECT_FALSE(Matches("$a = /x[\\w-z]/", "$a", "xa"));
  EXPECT_FALSE(Matches("$a = /x[\\w-z]/", "$a", "x-"));
  EXPECT_TRUE(Matches("$a = /x[a-\\d]/", "$a", "xc"));
  EXPECT_FALSE(Matches("$a = /x[a-\\d]/", "$a", "x5"));
  EXPECT_TRUE(Matches("$a = /x[\\w-]/", "$a", "x-"));
  EXPECT_TRUE(Matches("$a = /x[+-\\x2d]/", "$a", "x,"));
}

// As yara 4.2.3 has it: of the matches at a place only one counts, but each of
// an alternative is one of its own.
TEST(YaraTest, WholeWordsAreTheLongestMatch) {
  const std::string url = "$a = /http:\\/\\/[a-z.]+/ fullword";
  EXPECT_TRUE(Matches(url, "$a", "http://a.bc"));
  EXPECT_FALSE(Matches(url, "$a", "http://a.bc1"));
  EXPECT_FALSE(Matches("$a = /a.+?b/ fullword", "$a", "axbc xb"));
  EXPECT_FALSE(Matches("$a = /foo( b)?/ fullword", "$a", "foo bar"));
  EXPECT_TRUE(Matches("$a = /(foo|foo b)/ fullword", "$a", "foo bar"));
}

TEST(YaraTest, PercentagesAreParts) {
  const std::string rule = "rule a { strings: $a = \"xy\" condition: ";
  EXPECT_EQ(Mistake(rule + "1% of them or 100% of them }"), "");
  EXPECT_NE(Mistake(rule + "0% of them }"), "");
  EXPECT_NE(Mistake(rule + "101% of them }"), "");
}

TEST(YaraTest, Base64OfTwoCharacters) {
  EXPECT_TRUE(Matches("$a = \"ab\" base64", "$a", "YWI="));
  EXPECT_TRUE(Matches("$a = \"ab\" base64", "$a", "xhYx"));
}

TEST(YaraTest, AWordMayFollowANumberDirectly) {
  EXPECT_TRUE(Matches("", "filesize<1KBand filesize>0and true", "x"));
  EXPECT_NE(Mistake("rule a { condition: filesize < 10kb }"), "");
}

TEST(YaraTest, ReferencesBackAreMistakes) {
  EXPECT_NE(Mistake("rule a { strings: $a = /(ab)\\1/ condition: $a }"), "");
  EXPECT_NE(Mistake("rule a { strings: $a = /ab\\0/ condition: $a }"), "");
}

TEST(YaraTest, LongJumpsHaveTheirLimits) {
  const std::string strings = "$a = { 61 62 63 [300-310] 78 79 7a }";
  const auto with_gap = [](std::size_t gap) {
    return "abc" + std::string(gap, '.') + "xyz";
  };
  EXPECT_FALSE(Matches(strings, "$a", with_gap(299)));
  EXPECT_TRUE(Matches(strings, "$a", with_gap(300)));
  EXPECT_TRUE(Matches(strings, "$a", with_gap(310)));
  EXPECT_FALSE(Matches(strings, "$a", with_gap(311)));
  EXPECT_TRUE(
      Matches("$a = { 61 62 63 [-] 78 79 7a }", "$a", with_gap(100000)));
}

// One that Hyperscan refuses must not take the others with it.
TEST(YaraTest, TextsMayBeLong) {
  const std::string text = std::string(5000, 'a') + "b";
  const std::string strings = "$a = \"" + text + "\" $b = \"c\"";
  EXPECT_TRUE(Matches(strings, "$a and $b and @a == 1", "c" + text));
  EXPECT_FALSE(Matches(strings, "$a and $b", "c" + text.substr(0, 5000)));
  EXPECT_TRUE(Matches("$a = \"" + text + "\" wide nocase", "not $a", text));
  EXPECT_TRUE(Matches("$a = /" + text + "/", "!a == 5001", "c" + text));
}

// yara 4.2.3 gives up such a string with jumps; its documentation sets no
// limit.
TEST(YaraTest, HexStringsMayBeLong) {
  std::string jumps = "61";
  for (int i = 0; i < 30; ++i) {
    jumps += " [190] 61";
  }
  const std::string content(6000, 'a');
  EXPECT_TRUE(
      Matches("$a = { " + jumps + " }", "#a == 270 and !a == 5731", content));
}

TEST(YaraTest, CountsInRangesAndNoneOfLoops) {
  EXPECT_TRUE(Matches("$a = \"ab\"", "#a in (1..4) == 2", "ababab"));
  EXPECT_FALSE(Matches("$a = \"ab\"", "#a in (1..3) == 2", "ababab"));
  EXPECT_FALSE(Matches("$a = \"ab\"", "for none of ($a) : ( # > 1 )", "abab"));
  EXPECT_TRUE(Matches("$a = \"ab\"", "for none of ($a) : ( # > 2 )", "abab"));
}

// Digests from `printf abc | md5sum` and its siblings.
TEST(YaraTest, DigestsOfParts) {
  EXPECT_TRUE(Matches(
      "", "hash.md5(1, 3) == \"900150983cd24fb0d6963f7d28e17f72\"", "xabcx"));
  EXPECT_FALSE(Matches(
      "", "hash.md5(0, 3) == \"900150983cd24fb0d6963f7d28e17f72\"", "xabcx"));
  EXPECT_TRUE(Matches("", "hash.crc32(\"abc\") == 0x352441c2", "x"));
  // Outside of the content there is no digest, whatever is compared.
  EXPECT_FALSE(Matches("", "hash.md5(9, 3) != \"\"", "xabcx"));
}

TEST(YaraTest, NothingIsReadOutsideOfTheContent) {
  for (const char* const offset :
       {"2", "-1", "filesize", "9223372036854775807", "-9223372036854775807"}) {
    const std::string read = "uint32(" + std::string(offset) + ")";
    EXPECT_FALSE(Matches("", read + " >= 0", "abcd")) << offset;
    EXPECT_FALSE(Matches("", "not (" + read + " >= 0)", "abcd")) << offset;
    EXPECT_FALSE(Matches("", "defined " + read, "abcd")) << offset;
  }
  EXPECT_FALSE(Matches("", "1 \\ 0 == 0 or 1 % 0 == 0", "x"));
  EXPECT_FALSE(Matches("$a = \"x\"", "@a[0] >= 0 or @a[2] >= 0", "x"));
}

// As yara 4.2.3 has it.
TEST(YaraTest, UndefinedStaysUndefined) {
  const std::string in = "$a in (uint8(filesize)..5)";
  EXPECT_FALSE(Matches("$a = \"zz\"", "not " + in, "abcd"));
  EXPECT_TRUE(Matches("$a = \"zz\"", "not $a at uint8(filesize)", "abcd"));
  EXPECT_FALSE(Matches("$a = \"ab\"", "not any of them in (uint8(filesize)..1)",
                       "abcd"));
  EXPECT_FALSE(
      Matches("", "for all i in (0, uint8(filesize)) : ( i == 0 )", "abcd"));
  EXPECT_TRUE(
      Matches("", "for 2 i in (0, uint8(filesize)) : ( true )", "abcd"));
}

TEST(YaraTest, OverflowsWrapAround) {
  EXPECT_TRUE(Matches("", "9223372036854775807 + 1 < 0", "x"));
  EXPECT_TRUE(Matches("", "1 << 64 == 0 and 1 << 63 < 0", "x"));
  EXPECT_FALSE(Matches("", "(0 - 9223372036854775807 - 1) \\ -1 != 0", "x"));
  EXPECT_FALSE(Matches(
      "", "for any i in (9223372036854775806..9223372036854775807) : (i < 0)",
      "x"));
}

// As yara 4.2.3 has it.
TEST(YaraTest, RealsAreEqualWhenTheyAreClose) {
  EXPECT_TRUE(Matches("", "0.1 + 0.2 == 0.3", "x"));
  EXPECT_FALSE(Matches("", "0.1 + 0.2 != 0.3", "x"));
  EXPECT_TRUE(Matches("", "1.0 \\ (filesize * 0.0) > 5.0", "x"));
  EXPECT_TRUE(
      Matches("", "math.deviation(0, filesize, math.MEAN_BYTES) == 7.5", "x"));
}

TEST(YaraTest, AGlobalRuleSpeaksForItsFileAlone) {
  const Compiled compiled = Compile({{"a.yar",
                                      "global rule big { condition: filesize > "
                                      "9 } rule a { condition: true }"},
                                     {"b.yar", "rule b { condition: true }"}});
  const Outcome small = Scan(compiled.program, AsBytes("x"));
  ASSERT_EQ(small.hits.size(), 1U);
  EXPECT_EQ(compiled.program.rules[small.hits[0].rule].rule.name, "b");
  EXPECT_EQ(Scan(compiled.program, AsBytes("0123456789")).hits.size(), 3U);
}

// All files of the folder are read; what lies elsewhere must not be missed.
TEST(YaraTest, IncludedFilesAreAmongThoseRead) {
  const std::string rule = "rule a { condition: true }";
  const auto problem = [&](const std::string& include) {
    const Compiled compiled =
        Compile({{"in/a.yar", "include \"" + include + "\" " + rule},
                 {"in/b.yar", "include \"./a.yar\""},
                 {"c.yar", ""}});
    return compiled.mistakes.empty() ? "" : compiled.mistakes.front().what;
  };
  EXPECT_EQ(problem("b.yar"), "");
  EXPECT_EQ(problem("./../c.yar"), "");
  for (const char* const elsewhere :
       {"c.yar", "b.inc", "/etc/b.yar", "../../b.yar", ""}) {
    EXPECT_NE(problem(elsewhere).find("is not among"), std::string::npos)
        << elsewhere;
  }
}

// In YARA the global rule would speak for all three files.
TEST(YaraTest, IncludedGlobalRulesAreNotOverlooked) {
  const std::string rule = "rule a { condition: true }";
  const Compiled compiled =
      Compile({{"a.yar", "include \"b.yar\" " + rule},
               {"b.yar", "include \"c.yar\" include \"b.yar\" " + rule},
               {"c.yar", "global rule g { condition: filesize > 9 }"},
               {"d.yar", rule}});
  ASSERT_EQ(compiled.not_imported.size(), 2U);
  EXPECT_EQ(compiled.not_imported[0].file, "a.yar");
  EXPECT_EQ(compiled.not_imported[1].file, "b.yar");
  EXPECT_EQ(Scan(compiled.program, AsBytes("x")).hits.size(), 1U);
}

TEST(YaraTest, PlacesAreThoseOfTheStrings) {
  const Compiled compiled = CompileText(
      "rule a { strings: $a = /b+c/ $b = \"zz\" private $c = \"aa\" wide "
      "condition: all of them }");
  const std::string content("..zz..bbc..a\0a\0", 15);
  const Outcome outcome = Scan(compiled.program, AsBytes(content));
  ASSERT_EQ(outcome.hits.size(), 1U);
  for (const Range& place : outcome.hits[0].places) {
    const std::string text = content.substr(place.offset, place.length);
    EXPECT_TRUE(text == "bc" || text == "bbc" ||
                text == std::string("a\0a\0", 4))
        << place.offset;
  }
  EXPECT_EQ(outcome.hits[0].places.size(), 2U);
}

TEST(YaraTest, WhatCannotBeEvaluatedIsNamed) {
  EXPECT_EQ(Reason("import \"pe\" rule a { condition: pe.machine == 3 }"),
            "uses pe.machine");
  EXPECT_EQ(Reason("import \"pe\" rule a { condition: for any s in pe.sections "
                   ": ( s.name == \".text\" ) }"),
            "uses pe.sections");
  EXPECT_NE(Reason("rule a { condition: filename == \"x\" }").find("filename"),
            std::string::npos);
  EXPECT_NE(Reason("rule a { condition: entrypoint == 3 }").find("entrypoint"),
            std::string::npos);
  EXPECT_NE(Reason("rule a { condition: \"x\" matches /(x{1000}){1000}/ }")
                .find("states"),
            std::string::npos);
  // A function of a known module with other arguments is not guessed at.
  EXPECT_EQ(
      Reason("import \"math\" rule a { condition: math.entropy() > 1.0 }"),
      "uses math.entropy()");
  EXPECT_EQ(Reason("import \"pe\" global rule g { condition: pe.is_dll() } "
                   "rule a { condition: true }"),
            "uses pe.is_dll()");
  const Compiled global = CompileText(
      "import \"pe\" global rule g { condition: pe.is_dll() } "
      "rule a { condition: true }");
  ASSERT_EQ(global.not_imported.size(), 2U);
  EXPECT_TRUE(Scan(global.program, AsBytes("x")).hits.empty());
}

// Rules that would match everything name the string, those that would blow up
// the compiler as well.
TEST(YaraTest, RulesForEverythingAreRefused) {
  for (const char* const string :
       {"/a*/", "/.{3}/s", "/[^x]+/", "{ ?? ?? ?? }", "/(a|.)/", "/a?|b/",
        "{ ?1 }", "/^/", "/\\b/", "/(a|b*)/"}) {
    const std::string reason = Reason(
        "rule a { strings: $s = " + std::string(string) + " condition: $s }");
    EXPECT_EQ(reason.substr(0, 10), "$s matches") << string;
  }
  EXPECT_NE(Reason("rule a { strings: $s = /a((b{1000}){1000}){1000}/ "
                   "condition: $s }")
                .find("$s"),
            std::string::npos);
}

// Each takes Hyperscan's compiler more than a minute as it stands.
TEST(YaraTest, NestedRepeatsCompileInTime) {
  std::string gaps = "00";
  for (int i = 0; i < 1000; ++i) {
    gaps += " [300-] 00";
  }
  EXPECT_FALSE(Matches("$a = { " + gaps + " }", "$a", "x"));
  const std::string nested = "$a = /x(((a|b.){0,12}){0,12}){0,12}y/";
  EXPECT_TRUE(Matches(nested, "$a", "xab.y"));
  EXPECT_FALSE(Matches(nested, "$a", "xacy xac.y"));
  EXPECT_TRUE(Matches("$a = { 61 62 [0-0] 63 64 }", "$a", "abcd"));
}

TEST(YaraTest, DeepAndEndlessRulesAreMistakes) {
  const auto repeat = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
      all += text;
    }
    return all;
  };
  const auto with = [](const std::string& condition) {
    return "rule a { condition: " + condition + " }";
  };
  EXPECT_NE(Mistake(with(repeat("(", 100000) + "1")), "");
  EXPECT_NE(Mistake(with(repeat("not ", 100000) + "true")), "");
  EXPECT_NE(Mistake(with(repeat("-", 100000) + "1 == 1")), "");
  EXPECT_NE(Mistake(with(repeat("1+", 100000) + "1 == 1")), "");
  EXPECT_NE(Mistake(with(repeat("for any i in (1..2) : (", 100000))), "");
  EXPECT_NE(Mistake("rule a { strings: $a = /" + repeat("(", 100000) +
                    "a/ condition: $a }"),
            "");
  EXPECT_NE(Mistake("rule a { strings: $a = { 00 " + repeat("(", 100000) +
                    " } condition: $a }"),
            "");
  // Long is not deep.
  EXPECT_EQ(Mistake(with(repeat("true and ", 20000) + "true")), "");
}

TEST(YaraTest, AnyPrefixOfARuleIsReadSafely) {
  const std::string rule =
      "import \"math\" /* c */ private global rule a : t { meta: x = \"\\x41\" "
      "y = -1 strings: $a = \"x\" wide ascii xor(1-3) $b = { 00 (01|~02) [2-4] "
      "?3 } $c = /a[b-d]\\x41{1,3}?/is // z\n condition: for any i in (1..#a) "
      ": "
      "( @a[i] > 0x1F and !a[i] == 1 ) or 50% of ($a*, $b) in (0..1KB) or "
      "$c or math.entropy(0, 1) matches /x/ or uint16be(0) == 1.5 }";
  for (std::size_t size = 0; size < rule.size(); ++size) {
    const Compiled compiled = CompileText(rule.substr(0, size));
    EXPECT_TRUE(compiled.program.rules.empty()) << size;
  }
  EXPECT_EQ(Mistake(rule), "");
}

// The work is bounded, and what is given up is said.
TEST(YaraTest, HostileContentCostsBoundedWork) {
  const Compiled compiled = CompileText(
      "rule loop { condition: for all i in (0..filesize) : ( for all j in "
      "(0..filesize) : ( uint8(j) == 0x61 ) ) } "
      "rule leans { condition: not loop } "
      "rule plain { strings: $a = \"aaaa\" condition: $a }");
  const Outcome outcome =
      Scan(compiled.program, AsBytes(std::string(1U << 20U, 'a')));
  ASSERT_EQ(outcome.undecided.size(), 2U);
  EXPECT_EQ(compiled.program.rules[outcome.undecided[0]].rule.name, "loop");
  EXPECT_EQ(compiled.program.rules[outcome.undecided[1]].rule.name, "leans");
  ASSERT_EQ(outcome.hits.size(), 1U);
  EXPECT_EQ(compiled.program.rules[outcome.hits[0].rule].rule.name, "plain");
}

// Five strings with a million places each would be 80 MB; a thousand rules with
// one each are no more than one.
TEST(YaraTest, PlacesTakeBoundedMemory) {
  std::string many = "rule many { strings: ";
  std::string counts;
  std::string text;
  for (const char* const end : {"", "a", "aa", "aaa", "aaaa"}) {
    const std::string name = "s" + std::to_string(std::string(end).size());
    const std::string string = " = \"a" + std::string(end) + "\" ";
    many += "$" + name + string;
    counts += (counts.empty() ? "#" : " and #") + name + " == 1000000";
    text += "rule " + name + " { strings: $a" + string +
            "condition: #a == 1000000 } ";
  }
  text += many + "condition: " + counts + " }";
  const Compiled compiled = CompileText(text);
  const Outcome outcome =
      Scan(compiled.program, AsBytes(std::string(1'100'000, 'a')));
  ASSERT_EQ(outcome.undecided.size(), 1U);
  EXPECT_EQ(compiled.program.rules[outcome.undecided[0]].rule.name, "many");
  EXPECT_EQ(outcome.hits.size(), 5U);
}

// Lists of digests are common, and so are loops around cheap functions.
TEST(YaraTest, DigestsAndDistancesAreAffordable) {
  std::string text = "import \"hash\" import \"math\" ";
  for (int i = 0; i < 2000; ++i) {
    text += "rule r" + std::to_string(i) +
            " { condition: hash.md5(0, filesize) == \"" + std::to_string(i) +
            "\" } ";
  }
  text +=
      "rule near { strings: $a = \"aaaa\" condition: for all i in (2..#a) : "
      "( math.abs(@a[i] - @a[i - 1]) == 1 ) }";
  const Compiled compiled = CompileText(text);
  const Outcome outcome =
      Scan(compiled.program, AsBytes(std::string(1U << 20U, 'a')));
  EXPECT_TRUE(outcome.undecided.empty());
  ASSERT_EQ(outcome.hits.size(), 1U);
  EXPECT_EQ(compiled.program.rules[outcome.hits[0].rule].rule.name, "near");
}

// Loops around what looks at much: each would take minutes.
TEST(YaraTest, EveryLookIsCounted) {
  const std::string content = "b" + std::string(1U << 20U, 'a');
  const std::string text(5000, 'a');
  for (const std::string& rule : std::vector<std::string>{
           "$b = \"b\" condition: for any i in (1..1000000) : ( $b in "
           "(i..filesize) )",
           "$a = \"a\" condition: for all i in (1..1000000) : ( #a in (0..i) > "
           "0 "
           ")",
           "$b = \"b\" nocase condition: for any i in (1..1000000) : ( $b in "
           "(i..filesize) )",
           "$a = \"" + text +
               "b\" nocase $b = \"b\" condition: #a > 0 or #b > 9",
           "$b = \"b\" condition: for all i in (1..1000000) : ( \"" + text +
               "\" contains \"b\" or $b at 0 )"}) {
    const Compiled compiled = CompileText("rule a { strings: " + rule + " }");
    EXPECT_EQ(compiled.program.rules.size(), 1U) << rule.substr(0, 50);
    EXPECT_TRUE(compiled.not_imported.empty());
    static_cast<void>(Scan(compiled.program, AsBytes(content)));
  }
}

TEST(YaraTest, TenThousandRules) {
  std::string text;
  for (int i = 0; i < 10000; ++i) {
    const std::string number = std::to_string(i);
    text += "rule r" + number + " { strings: $a = \"needle" + number +
            "!\" condition: $a }\n";
  }
  const Compiled compiled = CompileText(text);
  EXPECT_EQ(compiled.program.rules.size(), 10000U);
  const Outcome outcome =
      Scan(compiled.program, AsBytes("needle1! needle9999! needle10000!"));
  EXPECT_EQ(outcome.hits.size(), 2U);
}

TEST(YaraTest, SeveritiesStayNeutral) {
  const Compiled compiled = CompileText(
      "rule a { meta: severity = \"critical\" condition: true } "
      "rule b { condition: true } "
      "rule c { meta: score = 74 condition: true } "
      "rule d { meta: severity = \"info\" condition: true }");
  const auto rules = rules::RulesOf(compiled.program, 0);
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_EQ(rules[0].severity, Severity::kMedium);
  EXPECT_EQ(rules[1].severity, Severity::kLow);
  EXPECT_EQ(rules[2].severity, Severity::kLow);
  EXPECT_EQ(rules[3].severity, Severity::kInfo);
  EXPECT_EQ(rules[1].id, "YARA:a.yar:b");
  EXPECT_EQ(rules[1].confidence, Confidence::kLow);
}

TEST(YaraTest, OneBrokenFileIsAProblemOfTheSet) {
  const auto loaded = rules::ParseRules(
      {{"x.yar", "rule a { condition: true }"}, {"y.yar", "rule b {"}});
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].file, "y.yar");
  EXPECT_EQ(loaded.rules.rules.size(), 1U);
}

}  // namespace
}  // namespace assay::yara
