#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kTplinkSafeloader;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::Sample;
using testing::With;

const Bytes kThree = Sample("formats/tplink_safeloader/three.hex");

TEST(TplinkSafeloaderTest, GivesItsParts) {
  testing::CheckParts(kTplinkSafeloader, kThree,
                      {{"vendor", "fw-type:Inert\n"},
                       {"partition-table", Lines("inert table\n", 60)},
                       {"os-image", Lines("inert kernel\n", 101)},
                       {"support-list", "SupportList:\r\n{model:inert}\r\n"}});
}

TEST(TplinkSafeloaderTest, DamageShows) {
  testing::CheckDamageShows(kTplinkSafeloader, kThree);
}

TEST(TplinkSafeloaderTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kTplinkSafeloader, kThree, 4125);
  EXPECT_FALSE(kTplinkSafeloader.matches(With(kThree, 0, Hex("00000100"))));
  EXPECT_FALSE(kTplinkSafeloader.matches(With(kThree, 0x1014, Hex("46"))));
  EXPECT_FALSE(kTplinkSafeloader.matches(With(kThree, 0x1014 + 24, Hex("62"))));
  EXPECT_FALSE(kTplinkSafeloader.matches(With(kThree, 0x1014 + 30, Hex("78"))));
  EXPECT_FALSE(kTplinkSafeloader.matches(With(kThree, 0x1014 + 45, Hex("20"))));
}

TEST(TplinkSafeloaderTest, ChangedBytesContradictTheDigest) {
  EXPECT_EQ(AnomaliesOf(kTplinkSafeloader, With(kThree, 0x1890, Hex("00"))),
            "tplink_safeloader.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kTplinkSafeloader, With(kThree, 5, Hex("00"))),
            "tplink_safeloader.checksum-mismatch");
}

}  // namespace
}  // namespace assay::formats
