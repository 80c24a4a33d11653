#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kAvbFooter;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kHash = Sample("formats/avb_footer/hash.hex");
const Bytes kTree = Sample("formats/avb_footer/tree.hex");
constexpr std::size_t kTreeImage = 18 * 512;
constexpr std::size_t kTreeSize = 3 * 512;  // two blocks below the root's one

TEST(AvbFooterTest, GivesTheImageAndItsMetadata) {
  for (const Bytes& partition : {kHash, kTree}) {
    ASSERT_TRUE(kAvbFooter.matches_end(partition));
    RecordingSink sink;
    const auto result = Unpack(kAvbFooter, partition, sink);
    ASSERT_TRUE(result) << result.error().what;
    ASSERT_EQ(sink.members.size(), 2U);
    EXPECT_TRUE(sink.anomalies.empty()) << sink.anomalies[0].detail;
    EXPECT_EQ(AsText(sink.Find("vbmeta")->content).substr(0, 4), "AVB0");
    EXPECT_EQ(AsText(sink.Find("image")->content).substr(0, 6), "inert ");
    EXPECT_TRUE(sink.Find("image")->member.stored);
    std::string why;
    EXPECT_TRUE(sink.Accounts(partition.size(), &why)) << why;
  }
  RecordingSink tree;
  ASSERT_TRUE(Unpack(kAvbFooter, kTree, tree));
  EXPECT_EQ(tree.Find("image")->content.size(), kTreeImage);
  for (const Region& region : tree.regions) {
    EXPECT_NE(region.use, RegionUse::kSlack) << region.range.offset;
  }
}

TEST(AvbFooterTest, AnAlteredImageIsReported) {
  for (const Bytes& partition : {kHash, kTree}) {
    for (const std::size_t at : {0U, 100U, 329U}) {
      Bytes altered = partition;
      altered[at] ^= 1U;
      RecordingSink sink;
      ASSERT_TRUE(Unpack(kAvbFooter, altered, sink));
      EXPECT_TRUE(sink.Saw("avb.checksum-mismatch")) << at;
    }
  }
}

TEST(AvbFooterTest, AnAlteredTreeIsReported) {
  for (const std::size_t at : {kTreeImage, kTreeImage + kTreeSize - 1}) {
    Bytes altered = kTree;
    altered[at] ^= 1U;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kAvbFooter, altered, sink));
    ASSERT_EQ(sink.anomalies.size(), 1U);
    EXPECT_TRUE(sink.Saw("avb.checksum-mismatch"));
  }
}

TEST(AvbFooterTest, OnlyAWholePartitionHasAFooter) {
  ForEachPrefix(kAvbFooter, kHash, [&](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kAvbFooter.matches_end(ByteView(kHash).first(attempt.at)));
  });
  EXPECT_FALSE(kAvbFooter.matches_end(Concat(kHash, Hex("00"))));
}

TEST(AvbFooterTest, EveryFlipIsAccountedFor) {
  for (const Bytes& partition : {kHash, kTree}) {
    ForEachFlip(kAvbFooter, partition, [&](const Attempt& attempt) {
      EXPECT_LE(attempt.consumed, partition.size());
    });
  }
}

TEST(AvbFooterTest, FootersThatContradictThemselvesAreRefused) {
  const std::size_t footer = kHash.size() - 64;
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint8_t>{0, 'a'},
                                  {3, 'F'},
                                  {7, 2},   // version
                                  {12, 1},  // the image's size
                                  {20, 1},  // where the metadata begin
                                  {26, 3},
                                  {28, 1},  // their size
                                  {34, 0x20}}) {
    Bytes wrong = kHash;
    wrong[footer + at] = value;
    EXPECT_FALSE(kAvbFooter.matches_end(wrong)) << at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kAvbFooter, wrong, sink)) << at;
  }
}

// The descriptor is the first thing behind the header of unsigned metadata.
TEST(AvbFooterTest, DescriptorsThatLieAreReported) {
  const std::size_t meta = AsText(kTree).find("AVB0");
  ASSERT_NE(meta, std::string_view::npos);
  const std::size_t fields = meta + 256 + 16;
  Bytes size = kTree;
  size[fields + 4] = 1;  // more than there is
  RecordingSink longer;
  ASSERT_TRUE(Unpack(kAvbFooter, size, longer));
  EXPECT_TRUE(longer.Saw("avb.size-mismatch"));
  Bytes shorter = kTree;
  shorter[fields + 10] = 0x22;  // a block less
  RecordingSink less;
  ASSERT_TRUE(Unpack(kAvbFooter, shorter, less));
  EXPECT_TRUE(less.Saw("avb.checksum-mismatch"));
  Bytes tree = kTree;
  tree[fields + 12] = 0x7f;  // the tree's place
  RecordingSink astray;
  ASSERT_TRUE(Unpack(kAvbFooter, tree, astray));
  EXPECT_TRUE(astray.Saw("avb.checksum-mismatch"));
  std::string why;
  EXPECT_TRUE(astray.Accounts(kTree.size(), &why)) << why;
}

}  // namespace
}  // namespace assay::formats
