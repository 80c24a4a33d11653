#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kMikrotikNpk;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::Sample;
using testing::With;

const Bytes kFour = Sample("formats/mikrotik_npk/four.hex");

TEST(MikrotikNpkTest, GivesItsParts) {
  testing::CheckParts(kMikrotikNpk, kFour,
                      {{"info", Lines("inert info\n", 36)},
                       {"image.squashfs", Lines("inert image\n", 70)},
                       {"signature", Lines("inert signature\n", 68)},
                       {"signature.2", Lines("inert again\n", 16)}});
}

TEST(MikrotikNpkTest, DamageShows) {
  testing::CheckDamageShows(kMikrotikNpk, kFour);
}

TEST(MikrotikNpkTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kMikrotikNpk, kFour, 8);
  EXPECT_FALSE(kMikrotikNpk.matches(With(kFour, 4, Hex("00000000"))));
  EXPECT_FALSE(kMikrotikNpk.matches(With(kFour, 8, Hex("0000"))));
  EXPECT_FALSE(kMikrotikNpk.matches(With(kFour, 8, Hex("4100"))));
  EXPECT_FALSE(kMikrotikNpk.matches(With(kFour, 10, Hex("FFFFFF7F"))));
}

TEST(MikrotikNpkTest, PartsThatLieAreSaid) {
  EXPECT_EQ(AnomaliesOf(kMikrotikNpk, With(kFour, 52, Hex("FFFFFF7F"))),
            "mikrotik_npk.size-mismatch");
}

}  // namespace
}  // namespace assay::formats
