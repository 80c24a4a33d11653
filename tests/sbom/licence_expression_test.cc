#include "sbom/licence_expression.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace assay::sbom {
namespace {

const LicenceList& TheList() {
  static const LicenceList kList({"MIT", "Zlib", "GPL-2.0-only", "Apache-2.0"},
                                 {"Bison-exception-2.2"});
  return kList;
}

LicenceExpression Parsed(std::string_view text) {
  const auto expression = ParseLicenceExpression(text, TheList());
  EXPECT_TRUE(expression) << text << ": " << expression.error().what;
  return expression.value_or(LicenceExpression{});
}

// SPDX 2.3, annex D: the examples and the order of precedence.
TEST(LicenceExpressionTest, CanonicalTextKeepsTheMeaning) {
  constexpr struct {
    std::string_view text;
    std::string_view canonical;
  } kCases[] = {
      {"MIT", "MIT"},
      {"  ( ( MIT ) ) ", "MIT"},
      {"CDDL-1.0+", "CDDL-1.0+"},
      {"LicenseRef-23", "LicenseRef-23"},
      {"DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2",
       "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2"},
      {"GPL-2.0-or-later WITH Bison-exception-2.2",
       "GPL-2.0-or-later WITH Bison-exception-2.2"},
      {"X WITH DocumentRef-d:AdditionRef-a",
       "X WITH DocumentRef-d:AdditionRef-a"},
      {"LGPL-2.1-only OR MIT AND BSD-3-Clause",
       "BSD-3-Clause AND MIT OR LGPL-2.1-only"},
      {"MIT AND (LGPL-2.1-or-later OR BSD-3-Clause)",
       "(BSD-3-Clause OR LGPL-2.1-or-later) AND MIT"},
      {"b or (a OR c)", "a OR b OR c"},
      {"(c and a) AND (b AND a)", "a AND b AND c"},
      {"(a OR b) AND (b OR a)", "a OR b"},
      {"a AND (b)", "a AND b"},
      {"(a AND b) OR c", "a AND b OR c"},
      {"mit AND zlib", "MIT AND Zlib"},
      {"gpl-2.0-only with bison-EXCEPTION-2.2",
       "GPL-2.0-only WITH Bison-exception-2.2"},
  };
  for (const auto& each : kCases) {
    const LicenceExpression expression = Parsed(each.text);
    EXPECT_EQ(expression.text, each.canonical);
    const LicenceExpression again = Parsed(expression.text);
    EXPECT_EQ(again.text, each.canonical);
    EXPECT_EQ(again.alternatives, expression.alternatives);
  }
}

TEST(LicenceExpressionTest, RefusesWhatIsNoExpression) {
  for (const std::string_view text :
       {"",
        " ",
        "(",
        ")",
        "()",
        "MIT)",
        "(MIT",
        "MIT MIT",
        "MIT OR",
        "OR MIT",
        "AND",
        "MIT AND AND MIT",
        "MIT (OR) MIT",
        "MIT Or Zlib",
        "MIT, Zlib",
        "MIT/Zlib",
        "MIT &Zlib",
        "MIT WITH",
        "MIT WITH (x)",
        "MIT WITH OR",
        "WITH x",
        "MIT WITH x WITH y",
        "(MIT) WITH x",
        "MIT WITH x+",
        "MIT++",
        "+",
        "MIT +",
        "NONE",
        "NOASSERTION",
        "MIT AND NONE",
        "LicenseRef-",
        "LicenseRef-a+",
        "LicenseRef-a_b",
        "DocumentRef-a",
        "DocumentRef-a:MIT",
        "DocumentRef-:LicenseRef-a",
        "a:LicenseRef-b",
        "DocumentRef-a:DocumentRef-b:LicenseRef-c",
        "MIT WITH LicenseRef:x",
        "M\xc3\xadT",
        "MIT\x01",
        "MIT OR (Zlib AND)"}) {
    EXPECT_FALSE(ParseLicenceExpression(text)) << text;
  }
}

TEST(LicenceExpressionTest, DepthAndLengthAreBounded) {
  const std::string open(500, '(');
  const std::string close(500, ')');
  EXPECT_EQ(Parsed(open + "MIT" + close).text, "MIT");
  EXPECT_FALSE(ParseLicenceExpression(open + "MIT"));
  std::string wide = "(a0 OR b0)";
  for (int i = 1; i < 40; ++i) {
    wide += " AND (a" + std::to_string(i) + " OR b" + std::to_string(i) + ")";
  }
  const std::string many(100'000, '(');
  const std::string big(100'000, 'x');
  for (const std::string& text : {wide, many, big}) {
    const auto expression = ParseLicenceExpression(text);
    ASSERT_FALSE(expression);
    EXPECT_EQ(expression.error().code, ErrorCode::kLimit);
  }
}

// Few ways of many terms each, and then term by term more of them.
TEST(LicenceExpressionTest, TheWorkOnOneExpressionIsBounded) {
  std::string text = "(a0 OR b0)";
  for (int i = 1; i < 8; ++i) {
    text += fmt::format(" AND (a{} OR b{})", i, i);
  }
  for (int i = 0; i < 480; ++i) {
    text += fmt::format(" AND c{}", i);
  }
  const std::clock_t started = std::clock();
  for (int i = 0; i < 20; ++i) {
    const auto expression = ParseLicenceExpression(text);
    ASSERT_FALSE(expression);
    EXPECT_EQ(expression.error().code, ErrorCode::kLimit);
  }
  EXPECT_LT((std::clock() - started) / CLOCKS_PER_SEC, 10);
}

TEST(LicenceExpressionTest, WhatAPackageMaySayIsBelowTheBounds) {
  std::string all = "l0";
  std::string any = "l0";
  for (int i = 1; i < 300; ++i) {
    all += fmt::format(" AND l{}", i);
    any += fmt::format(" OR l{}", i);
  }
  EXPECT_EQ(Parsed(all).terms.size(), 300U);
  EXPECT_EQ(Parsed(any).alternatives.size(), 300U);
  EXPECT_TRUE(Implies(Parsed(all), Parsed(any)));
  EXPECT_FALSE(Implies(Parsed(any), Parsed(all)));
  EXPECT_EQ(Parsed("(a OR b) AND (c OR d) AND (e OR f) AND (g OR h)"
                   " AND (i OR j) AND (k OR l)")
                .alternatives.size(),
            64U);
}

TEST(LicenceExpressionTest, WhatMeetsOneMeetsTheOther) {
  constexpr struct {
    std::string_view premise;
    std::string_view conclusion;
    bool implied;
  } kCases[] = {
      {"MIT", "MIT", true},
      {"mit", "MIT", true},
      {"MIT", "Zlib", false},
      {"MIT AND Zlib", "MIT", true},
      {"MIT", "MIT AND Zlib", false},
      {"MIT", "MIT OR Zlib", true},
      {"MIT OR Zlib", "MIT", false},
      {"MIT OR Zlib", "Zlib OR MIT OR X", true},
      {"(A AND B) OR (A AND C)", "A AND (B OR C)", true},
      {"A AND (B OR C)", "(A AND B) OR (A AND C)", true},
      {"A AND (B OR C)", "A AND B", false},
      {"X-1", "X-1+", true},
      {"X-1+", "X-1", false},
      {"X-2", "X-1+", false},
      {"X WITH e", "X", false},
      {"X", "X WITH e", false},
  };
  for (const auto& each : kCases) {
    EXPECT_EQ(Implies(Parsed(each.premise), Parsed(each.conclusion)),
              each.implied)
        << each.premise << " => " << each.conclusion;
  }
}

TEST(LicenceExpressionTest, NamesTheIdsThatNoListHas) {
  EXPECT_TRUE(UnlistedIds(Parsed("MIT OR LicenseRef-a"), TheList()).empty());
  EXPECT_EQ(UnlistedIds(Parsed("MIT OR (MIT AND Foo WITH bar)"), TheList()),
            (std::vector<std::string>{"Foo", "bar"}));
  EXPECT_EQ(UnlistedIds(Parsed("Zlib AND Zlib"), LicenceList()),
            (std::vector<std::string>{"Zlib"}));
}

}  // namespace
}  // namespace assay::sbom
