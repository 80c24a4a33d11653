#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kTplink;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kV1 = Sample("formats/tplink/v1.hex");
const Bytes kV3 = Sample("formats/tplink/v3.hex");

TEST(TplinkTest, GivesItsParts) {
  testing::CheckParts(kTplink, kV1,
                      {{"kernel", Lines("inert kernel\n", 100)},
                       {"rootfs", Lines("inert rootfs\n", 90)}});
  testing::CheckParts(kTplink, kV3,
                      {{"kernel", Lines("inert kernel\n", 100)},
                       {"rootfs", Lines("inert rootfs\n", 90)}});
}

TEST(TplinkTest, DamageShows) {
  testing::CheckDamageShows(kTplink, kV1, {{76, 16}});
  testing::CheckDamageShows(kTplink, kV3);
}

TEST(TplinkTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kTplink, kV1, 4);
  EXPECT_FALSE(kTplink.matches(With(kV1, 0, Hex("04"))));
  EXPECT_FALSE(kTplink.matches(With(kV1, 4, Hex("00"))));
  EXPECT_FALSE(kTplink.matches(With(kV1, 4, Hex("8000"))));
  EXPECT_FALSE(kTplink.matches(With(kV1, 128, Hex("000001FF"))));
  EXPECT_FALSE(kTplink.matches(With(kV1, 132, Hex("00000000"))));
  EXPECT_FALSE(kTplink.matches(With(kV1, 136, Hex("00000001"))));
  EXPECT_FALSE(kTplink.matches(With(kV1, 132, Hex("FFFFFFFF"))));
}

TEST(TplinkTest, ChangedBytesContradictTheDigest) {
  EXPECT_EQ(AnomaliesOf(kTplink, With(kV1, 600, Hex("00"))),
            "tplink.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kTplink, With(kV1, 900, Hex("00"))),
            "tplink.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kTplink, With(kV1, 140, Hex("00000001"))),
            "tplink.checksum-mismatch");
}

TEST(TplinkTest, TheSecondHeaderIsToldByItsConstants) {
  EXPECT_FALSE(kTplink.matches(With(kV3, 0x8c, Hex("00"))));
  EXPECT_FALSE(kTplink.matches(With(kV3, 0x90, Hex("00"))));
  EXPECT_FALSE(kTplink.matches(With(kV3, 0, Hex("01"))));
}

// A kernel for the boot loader alone has neither size nor checksum.
TEST(TplinkTest, ImagesWithoutChecksumAreRead) {
  Bytes image = With(kV1, 76, Bytes(16));
  image = With(image, 124, Hex("00000000"));
  EXPECT_EQ(AnomaliesOf(kTplink, image), "");
  EXPECT_EQ(kTplink.measure(image).value_or(0), image.size());
}

TEST(TplinkTest, PartsThatLieAreSaid) {
  EXPECT_EQ(AnomaliesOf(kTplink, With(kV1, 136, Hex("00000210"))),
            "tplink.checksum-mismatch tplink.overlapping-parts");
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kTplink, With(kV1, 140, Hex("00010000")), sink));
}

}  // namespace
}  // namespace assay::formats
