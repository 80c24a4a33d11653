#include "rules/comparison.h"

#include <gtest/gtest.h>

namespace assay::rules {
namespace {

struct Case {
  const char* comparison;
  const char* text;
  bool holds;
};

TEST(ComparisonTest, FollowsItsOperator) {
  const Case cases[] = {
      {"root", "root", true},
      {"root", "Root", false},
      {"==0", "0", true},
      {"==0", "00", true},  // both are numbers
      {"==0", "", false},
      {"==0", "0x0", false},
      {"!=root", "admin", true},
      {"!=root", "", true},  // an absent attribute is the empty text
      {">=7.2", "7.2", true},
      {">=7.2", "7.19", false},
      {">=7.2", "seven", false},
      {"<1024", "1023", true},
      {"<1024", "", false},
      {"<=2", "2.0", true},
      {">-1", "0", true},
      {"in [a, b]", "b", true},
      {"in [a, b]", "c", false},
      {"in [a, b]", "a, b", false},
      {"not in [0, 1]", "2", true},
      {"not in [0, 1]", "1.0", false},
      {"glob etc/**", "etc/a/b", true},
      {"glob etc/*", "etc/a/b", false},
      {"not glob dev/**", "dev/null", false},
      {"index", "index", true},  // no operator: "in" needs a blank
  };
  for (const Case& one : cases) {
    const auto comparison = ParseComparison(one.comparison);
    ASSERT_TRUE(comparison) << one.comparison;
    EXPECT_EQ(Holds(*comparison, one.text, nullptr), one.holds)
        << one.comparison << " on " << one.text;
  }
}

TEST(ComparisonTest, RefusesWhatCannotHold) {
  for (const char* bad : {"<", ">=x", "in a, b", "in [", "not in []",
                          "in [a,,b]", "glob ", "matches "}) {
    EXPECT_FALSE(ParseComparison(bad)) << bad;
  }
}

TEST(ComparisonTest, RegexesMatchAnywhere) {
  auto comparison = ParseComparison("matches b+");
  ASSERT_TRUE(comparison);
  const auto regexes = PatternSet::Compile(
      {{.kind = Pattern::Kind::kRegex, .text = "x", .located = false},
       {.kind = Pattern::Kind::kRegex, .text = "b+", .located = false}});
  ASSERT_TRUE(regexes);
  comparison->regex = 1;
  EXPECT_TRUE(Holds(*comparison, "abc", &*regexes));
  EXPECT_FALSE(Holds(*comparison, "axc", &*regexes));
  EXPECT_FALSE(Holds(*comparison, "", &*regexes));
  comparison->op = Comparison::Operator::kNotMatches;
  EXPECT_TRUE(Holds(*comparison, "axc", &*regexes));
}

}  // namespace
}  // namespace assay::rules
