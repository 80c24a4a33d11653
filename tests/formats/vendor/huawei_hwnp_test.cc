#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kHuaweiHwnp;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kTwo = Sample("formats/huawei_hwnp/two.hex");

TEST(HuaweiHwnpTest, GivesItsParts) {
  testing::CheckParts(
      kHuaweiHwnp, kTwo,
      {{"flash:rootfs", Lines("inert rootfs\n", 81)},
       {"file:/var/UpgradeCheck.xml", Lines("inert xml\n", 20)}});
}

TEST(HuaweiHwnpTest, DamageShows) {
  testing::CheckDamageShows(
      kHuaweiHwnp, kTwo, {{4, 48}, {52, 4}, {81, 331}, {412, 4}, {455, 317}});
}

TEST(HuaweiHwnpTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kHuaweiHwnp, kTwo, 36);
  EXPECT_FALSE(kHuaweiHwnp.matches(With(kTwo, 20, Hex("00000000"))));
  EXPECT_FALSE(kHuaweiHwnp.matches(With(kTwo, 20, Hex("FFFFFFFF"))));
  EXPECT_FALSE(kHuaweiHwnp.matches(With(kTwo, 28, Hex("00"))));
  EXPECT_FALSE(kHuaweiHwnp.matches(With(kTwo, 60, Hex("10000000"))));
  EXPECT_FALSE(kHuaweiHwnp.matches(With(kTwo, 68, Hex("00"))));
}

TEST(HuaweiHwnpTest, ChangedItemsContradictTheirCrc) {
  EXPECT_EQ(AnomaliesOf(kHuaweiHwnp, With(kTwo, 780, Hex("00"))),
            "huawei_hwnp.crc-mismatch");
}

TEST(HuaweiHwnpTest, ItemsThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kHuaweiHwnp, With(kTwo, 60, Hex("FFFFFF7F")), sink));
  }
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kHuaweiHwnp, With(kTwo, 64, Hex("FFFFFF7F")), sink));
  }
}

TEST(HuaweiHwnpTest, OverlapsAreSaid) {
  EXPECT_EQ(AnomaliesOf(kHuaweiHwnp, With(kTwo, 420, Hex("10030000"))),
            "huawei_hwnp.crc-mismatch huawei_hwnp.overlapping-parts");
}

}  // namespace
}  // namespace assay::formats
