#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kNetgearChk;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::Sample;
using testing::With;

const Bytes kTwo = Sample("formats/netgear_chk/two.hex");

TEST(NetgearChkTest, GivesItsParts) {
  testing::CheckParts(kNetgearChk, kTwo,
                      {{"kernel", Lines("inert kernel\n", 301)},
                       {"rootfs", Lines("inert rootfs\n", 77)}});
}

TEST(NetgearChkTest, DamageShows) {
  testing::CheckDamageShows(kNetgearChk, kTwo);
}

TEST(NetgearChkTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kNetgearChk, kTwo, 40);
  EXPECT_FALSE(kNetgearChk.matches(With(kTwo, 4, Hex("00000027"))));
  EXPECT_FALSE(kNetgearChk.matches(With(kTwo, 4, Hex("000000FF"))));
  EXPECT_FALSE(kNetgearChk.matches(With(kTwo, 8, Hex("02"))));
  EXPECT_FALSE(kNetgearChk.matches(With(kTwo, 45, Hex("00"))));
  EXPECT_FALSE(kNetgearChk.matches(With(kTwo, 36, Hex("00"))));
}

TEST(NetgearChkTest, ChangedPartsContradictTheirSums) {
  EXPECT_EQ(AnomaliesOf(kNetgearChk, With(kTwo, 60, Hex("00"))),
            "netgear_chk.checksum-mismatch netgear_chk.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kNetgearChk, With(kTwo, 400, Hex("00"))),
            "netgear_chk.checksum-mismatch netgear_chk.checksum-mismatch");
}

}  // namespace
}  // namespace assay::formats
