#include "verifier/facts/entropy.h"

#include "tests/facts/examine.h"

namespace assay::facts {
namespace {

using testing::Examine;
using testing::Sample;
using testing::Strings;

// Shannon (1948), section 6: H = -sum p log2 p.
TEST(EntropyTest, OfKnownDistributions) {
  EXPECT_DOUBLE_EQ(EntropyOf(ByteView()), 0.0);
  EXPECT_DOUBLE_EQ(EntropyOf(Bytes(5000, 0xFF)), 0.0);
  Bytes two(8192);
  for (std::size_t i = 0; i < two.size(); ++i) {
    two[i] = i % 2 == 0 ? 0x00 : 0xFF;
  }
  EXPECT_DOUBLE_EQ(EntropyOf(two), 1.0);
  Bytes quarter = Bytes(4000, 0);  // p = 3/4, 1/4: 0.8112781244591328
  std::fill(quarter.begin(), quarter.begin() + 1000, std::uint8_t{1});
  EXPECT_NEAR(EntropyOf(quarter), 0.8112781244591328, 1e-12);
  EXPECT_DOUBLE_EQ(EntropyOf(Sample("facts/entropy/uniform.hex")), 8.0);
}

TEST(EntropyTest, FindsARandomBlockInQuietSurroundings) {
  Bytes content(3 * kEntropyBlock, 0);
  for (std::size_t i = 0; i < kEntropyBlock; ++i) {
    content[kEntropyBlock + i] = static_cast<std::uint8_t>(i);
  }
  const EntropyProfile profile = EntropyProfileOf(content);
  EXPECT_DOUBLE_EQ(profile.max_block, 8.0);
  EXPECT_EQ(profile.blocks_over, 1U);
  EXPECT_LT(profile.overall, 4.5);
}

TEST(EntropyTest, ShowsThreeDecimals) {
  const auto seen = Examine(kEntropy, "a", Sample("facts/entropy/uniform.hex"));
  EXPECT_EQ(seen.Lines(), Strings{"file.entropy 8.000 max_block=8.000 "
                                  "blocks_over_7_9=0"});
  EXPECT_FALSE(seen.understood);
}

TEST(EntropyTest, LeavesSmallFilesAndContainersAlone) {
  EXPECT_TRUE(Examine(kEntropy, "a", Bytes(1023, 7)).facts.empty());
  EXPECT_FALSE(Examine(kEntropy, "a", Bytes(1024, 7)).facts.empty());
  Artifact artifact;
  artifact.format = "squashfs";
  const Bytes content(4096, 7);
  const Limits limits;
  Observations seen;
  kEntropy.examine({artifact, content, limits}, seen);
  EXPECT_TRUE(seen.facts.empty());
}

TEST(EntropyTest, EveryLengthCountsEveryByteOnce) {
  Bytes content;
  for (int i = 0; i < 2200; ++i) {
    const double entropy = EntropyOf(content);
    EXPECT_GE(entropy, 0.0);
    EXPECT_LE(entropy, 8.0);
    content.push_back(static_cast<std::uint8_t>(i * 37));
  }
}

}  // namespace
}  // namespace assay::facts
