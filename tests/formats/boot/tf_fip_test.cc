#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kTfFip;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

// What make_boot.sh puts in, and how mkimage fills it up.
std::string Numbers(int from, int to, std::size_t size) {
  std::string text;
  for (int i = from; i <= to; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(size);
  return text;
}

const Bytes kThree = Sample("formats/tf_fip/three.hex");

// The UUIDs are those of TF-A's include/tools_share/firmware_image_package.h.
TEST(TfFipTest, GivesItsParts) {
  testing::CheckParts(
      kTfFip, kThree,
      {{"5ff9ec0b-4d22-3e4d-a544-c39d81c73f0a", Numbers(1, 400, 1492)},
       {"47d4086d-4cfe-9846-9b95-2950cbbd5a00", Numbers(500, 900, 1604)},
       {"d6d0eea7-fcea-d54b-9782-9934f234b6e4", Numbers(1, 400, 1492)}});
}

TEST(TfFipTest, DamageShows) {
  // But for the header's serial number and flags, and flags of entries.
  testing::CheckDamageShows(kTfFip, kThree,
                            {{4, 12}, {48, 8}, {88, 8}, {128, 8}, {152, 24}});
}

TEST(TfFipTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kTfFip, kThree, 16);
  EXPECT_FALSE(kTfFip.matches(With(kThree, 4, Hex("00000000"))));
  EXPECT_FALSE(kTfFip.matches(With(kThree, 32, Hex("10000000"))));
  EXPECT_FALSE(kTfFip.matches(With(kThree, 152, Hex("10000000"))));
  EXPECT_FALSE(kTfFip.matches(ByteView(kThree).first(100)));
}

TEST(TfFipTest, ImagesThatLieAreSaid) {
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kTfFip, With(kThree, 39, Hex("FF")), sink));
  EXPECT_FALSE(Unpack(kTfFip, With(kThree, 47, Hex("FF")), sink));
  EXPECT_EQ(AnomaliesOf(kTfFip, With(kThree, 72, Hex("B0000000"))),
            "tf_fip.overlapping-parts");
}

}  // namespace
}  // namespace assay::formats
