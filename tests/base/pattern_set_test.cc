#include "verifier/base/pattern_set.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace assay {
namespace {

using Kind = Pattern::Kind;

TEST(PatternSetTest, ReportsPlacesOfEveryKind) {
  const auto set = PatternSet::Compile({
      {Kind::kLiteral, "a.c", false},
      {Kind::kRegex, "x[0-9]+y", false},
      {Kind::kHex, "7f 45 ?? 46", false},
      {Kind::kLiteral, "MiXeD", true},
  });
  ASSERT_TRUE(set) << set.error().what;
  const std::string text =
      "..a.c..abc..x123y..\x7f"
      "EQF..mixed";
  const auto hits = set->Scan(AsBytes(text));
  ASSERT_EQ(hits.size(), 4U);
  for (const PatternHit& hit : hits) {
    const std::string found = text.substr(hit.offset, hit.length);
    const std::vector<std::string> expected = {"a.c", "x123y",
                                               "\x7f"
                                               "EQF",
                                               "mixed"};
    EXPECT_EQ(found, expected.at(hit.pattern));
  }
}

TEST(PatternSetTest, NamesThePatternItRefuses) {
  for (const Pattern& bad :
       {Pattern{Kind::kRegex, "(", false}, Pattern{Kind::kHex, "7", false},
        Pattern{Kind::kLiteral, "", false},
        Pattern{Kind::kRegex, "a*", false}}) {
    const auto set = PatternSet::Compile({{Kind::kLiteral, "ok", false}, bad});
    ASSERT_FALSE(set);
    EXPECT_NE(set.error().what.find("pattern 1"), std::string::npos);
  }
}

TEST(PatternSetTest, SaysOnceThatAnUnlocatedPatternOccurs) {
  const auto set = PatternSet::Compile(
      {{.kind = Kind::kRegex, .text = "x[0-9]+y", .located = false},
       {.kind = Kind::kLiteral, .text = "abc", .located = false},
       {.kind = Kind::kLiteral, .text = "x1"}});
  ASSERT_TRUE(set) << set.error().what;
  const std::vector<PatternHit> expected = {{0, 0, 0}, {1, 0, 0}, {2, 4, 2}};
  EXPECT_EQ(set->Scan(AsBytes("abc x1y x22y abc")), expected);
  EXPECT_TRUE(set->Scan(AsBytes("ab x y")).empty());
}

// Regexes of varying width are placed in a second pass of their own.
TEST(PatternSetTest, PlacesOfSeveralRegexesComeInOneOrder) {
  const auto set = PatternSet::Compile({{Kind::kRegex, "a+b", false},
                                        {Kind::kLiteral, "aab", false},
                                        {Kind::kRegex, "c[0-9]*d", false},
                                        {Kind::kRegex, "never+", false}});
  ASSERT_TRUE(set) << set.error().what;
  for (int again = 0; again < 2; ++again) {
    const auto hits = set->Scan(AsBytes("c12d aab cd ab"));
    EXPECT_EQ(hits,
              (std::vector<PatternHit>{
                  {2, 0, 4}, {0, 5, 3}, {1, 5, 3}, {2, 9, 2}, {0, 12, 2}}));
  }
}

TEST(PatternSetTest, ChecksOnePatternWithItsPlace) {
  EXPECT_TRUE(PatternSet::Check({Kind::kRegex, "a+b", false}));
  for (const char* bad : {"(", "a*", "\\p{Nothing}"}) {
    EXPECT_FALSE(PatternSet::Check({Kind::kRegex, bad, false})) << bad;
  }
}

TEST(PatternSetTest, BoundsTheHitsOfOnePattern) {
  const auto set = PatternSet::Compile(
      {{Kind::kLiteral, "a", false}, {Kind::kLiteral, "b", false}});
  ASSERT_TRUE(set);
  const auto hits = set->Scan(AsBytes(std::string(100'000, 'a') + "b"));
  EXPECT_EQ(hits.size(), PatternSet::kHitsPerPattern + 1U);
  EXPECT_EQ(hits.back().pattern, 1U);
}

// Vectorscan 5.4.9 passes over most of the first with AVX-512, and over the
// others close to the end.
TEST(PatternSetTest, FindsEveryPlace) {
  struct Case {
    const char* regex;
    std::string_view word;
  };
  for (const Case& one :
       {Case{"/", "/"}, Case{"q+z", "qqz"}, Case{"\\.(c|h)\\b", ".h"},
        Case{"(foo|bar)x$", "barx"}, Case{"[0-9][0-9]:", "12:"},
        Case{"\\S+x[bcd]", "ax.xd"}, Case{"foo|barbar|quuux", "quuux"}}) {
    for (const bool located : {true, false}) {
      const auto set = PatternSet::Compile(
          {{.kind = Kind::kRegex, .text = one.regex, .located = located}});
      ASSERT_TRUE(set) << set.error().what;
      for (std::size_t at = 0; at < 300; ++at) {
        for (const std::size_t behind : {0U, 1U, 2U, 17U, 40U, 300U}) {
          const std::string text = std::string(at, ' ') +
                                   std::string(one.word) +
                                   std::string(behind, '\n');
          const auto hits = set->Scan(AsBytes(text));
          ASSERT_EQ(hits.size(), 1U) << one.regex << " at " << at;
          EXPECT_EQ(hits[0].offset, located ? at : 0U);
          EXPECT_EQ(hits[0].length, located ? one.word.size() : 0U);
        }
      }
    }
  }
}

// Vectorscan 5.4.9 reads on behind the input, or ends the program.
TEST(PatternSetTest, ReadsNothingBehindTheInput) {
  constexpr std::size_t kPage = 4096;
  void* mapped = mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const std::span<char> pages(static_cast<char*>(mapped), 2 * kPage);
  std::fill(pages.begin(), pages.end(), 'a');
  const std::string_view line = "\nrootpw --plaintext x";
  std::copy(line.begin(), line.end(), pages.begin());
  ASSERT_EQ(mprotect(&pages[kPage], kPage, PROT_NONE), 0);
  const auto set = PatternSet::Compile(
      {{Kind::kRegex,
        "^[ \\t]*(rootpw|sshpw|user)[ \\t][^\\n#]*(--iscrypted|--plaintext|"
        "--password[= ])"}});
  ASSERT_TRUE(set) << set.error().what;
  const auto hits = set->Scan(AsBytes({pages.data(), kPage}));
  ASSERT_EQ(hits.size(), 1U);
  EXPECT_EQ(hits[0].offset, 1U);
  munmap(mapped, pages.size());
}

}  // namespace
}  // namespace assay
