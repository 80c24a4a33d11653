#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::PlaceText;
using testing::Sample;
using testing::Strings;
using testing::Sweep;

const Bytes kHidden = Sample("facts/invisible_text/selectors.js");

std::string Repeated(std::string_view character, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) {
    text += character;
  }
  return text;
}

TEST(InvisibleTextTest, CountsWhatIsNotShown) {
  const auto seen = Examine(kInvisibleText, "x.js", kHidden);
  EXPECT_EQ(seen.Lines(), Strings{"text.invisible 10"});
  // Each of U+E0100 and on takes four octets.
  EXPECT_EQ(PlaceText(seen.facts[0], kHidden).size(), 40U);
}

TEST(InvisibleTextTest, KnowsOtherInvisibleCharacters) {
  for (const std::string_view character :
       {"\u200b", "\u2062", "\u3164", "\uffa0", "\ufe0f", "\U000e0041"}) {
    EXPECT_EQ(Examine(kInvisibleText, "x", "a" + Repeated(character, 8) + "b")
                  .Lines(),
              Strings{"text.invisible 8"});
    EXPECT_TRUE(Examine(kInvisibleText, "x", "a" + Repeated(character, 7))
                    .facts.empty());
  }
}

TEST(InvisibleTextTest, WhatIsShownOrStandsAloneIsNothing) {
  EXPECT_TRUE(
      Examine(kInvisibleText, "x", Repeated("\u00e9", 20)).facts.empty());
  EXPECT_TRUE(
      Examine(kInvisibleText, "x", Repeated("\u4e2d", 20)).facts.empty());
  EXPECT_TRUE(
      Examine(kInvisibleText, "x", Repeated("\u2764\ufe0f", 20)).facts.empty());
  EXPECT_TRUE(
      Examine(kInvisibleText, "x", Repeated("\xe2\x80", 20)).facts.empty());
  EXPECT_TRUE(Examine(kInvisibleText, "x", Repeated(" ", 99)).facts.empty());
}

TEST(InvisibleTextTest, DamageNeverLeadsOutside) {
  Sweep(kInvisibleText, "x.js", kHidden);
}

}  // namespace
}  // namespace assay::facts
