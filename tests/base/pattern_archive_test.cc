#include "verifier/base/pattern_archive.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "verifier/base/pattern_set.h"

namespace assay {
namespace {

const std::vector<Pattern> kPatterns = {
    {.kind = Pattern::Kind::kLiteral, .text = "needle"},
    {.kind = Pattern::Kind::kRegex, .text = "hay+stack"},
    {.kind = Pattern::Kind::kHex, .text = "00 ?? ff"}};
const std::string kText("a needle in a hayyystack \0\1\xff", 28);

std::vector<PatternHit> HitsIn(std::string_view text) {
  const auto set = PatternSet::Compile(kPatterns);
  EXPECT_TRUE(set);
  return set->Scan(AsBytes(text));
}

TEST(PatternArchiveTest, WhatWasRecordedFindsTheSame) {
  const auto before = HitsIn(kText);
  ASSERT_EQ(before.size(), 3U);
  pattern_archive::StartRecording();
  EXPECT_EQ(HitsIn(kText), before);
  // It is borrowed for good.
  static const Bytes archive = pattern_archive::Recorded();
  ASSERT_FALSE(archive.empty());
  pattern_archive::Use(archive);
  EXPECT_EQ(HitsIn(kText), before);
  EXPECT_EQ(HitsIn("nothing"), std::vector<PatternHit>());
}

TEST(PatternArchiveTest, OtherPatternsAreCompiledAsEver) {
  const auto set = PatternSet::Compile(
      {{.kind = Pattern::Kind::kLiteral, .text = "NEEDLE", .caseless = true}});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->Scan(AsBytes(kText)).size(), 1U);
}

// Of a broken archive nothing is taken, and of a broken database nothing.
TEST(PatternArchiveTest, ABrokenArchiveIsNoArchive) {
  pattern_archive::StartRecording();
  const auto hits = HitsIn(kText);
  const Bytes whole = pattern_archive::Recorded();
  static std::vector<Bytes> broken;
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{79}, std::size_t{81}, whole.size() - 9}) {
    broken.emplace_back(whole.begin(),
                        whole.begin() + static_cast<std::ptrdiff_t>(size));
  }
  broken.push_back(whole);
  broken.back()[70] = 'x';  // the size
  broken.push_back(whole);
  broken.back()[90] ^= 1U;  // inside the first database
  for (const Bytes& archive : broken) {
    pattern_archive::Use(archive);
    EXPECT_EQ(HitsIn(kText), hits);
  }
  pattern_archive::Use({});
}

}  // namespace
}  // namespace assay
