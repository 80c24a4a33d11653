#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kVhdFixed;
namespace {

using testing::RecordingSink;

const Bytes kImage = testing::Sample("formats/vhd_fixed/fixed.hex");

TEST(VhdFixedTest, TheDiskLiesInFrontOfTheFooter) {
  EXPECT_TRUE(kVhdFixed.matches_end(kImage));
  EXPECT_EQ(DetectEnd(kImage), &kVhdFixed);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kVhdFixed, kImage, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].content.size(), 4096U);
  EXPECT_EQ(AsText(sink.members[0].content).substr(0, 6), "1\n2\n3\n");
  std::string why;
  EXPECT_TRUE(sink.Accounts(kImage.size(), &why)) << why;
  EXPECT_TRUE(sink.anomalies.empty());
}

TEST(VhdFixedTest, AnotherSizeIsSaid) {
  const Bytes longer = testing::Concat(Bytes(512, 1), kImage);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kVhdFixed, longer, sink));
  EXPECT_TRUE(sink.Saw("vhd.size-mismatch"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(longer.size(), &why)) << why;
}

TEST(VhdFixedTest, DynamicDisksAreAnothersBusiness) {
  EXPECT_FALSE(
      kVhdFixed.matches_end(testing::Sample("formats/vhd/dynamic.hex")));
}

TEST(VhdFixedTest, NoPrefixIsOne) {
  for (std::size_t size = 0; size < kImage.size(); ++size) {
    const ByteView prefix = ByteView(kImage).first(size);
    EXPECT_FALSE(kVhdFixed.matches_end(prefix));
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kVhdFixed, prefix, sink));
  }
}

TEST(VhdFixedTest, EveryFlipOfTheFooterIsNoticed) {
  for (std::size_t at = 4096; at < kImage.size(); ++at) {
    Bytes damaged = kImage;
    damaged[at] ^= 0x01U;
    EXPECT_FALSE(kVhdFixed.matches_end(damaged)) << at;
  }
}

}  // namespace
}  // namespace assay::formats
