#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kHpBdl;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kTwo = Sample("formats/hp_bdl/two.hex");

TEST(HpBdlTest, GivesItsParts) {
  testing::CheckParts(kHpBdl, kTwo,
                      {{"ipkg000", Lines("inert first\n", 44)},
                       {"ipkg001", Lines("inert second\n", 21)}});
}

TEST(HpBdlTest, DamageShows) {
  testing::CheckDamageShows(kHpBdl, kTwo, {{12, 1309}});
}

TEST(HpBdlTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kHpBdl, kTwo, 8);
  EXPECT_FALSE(kHpBdl.matches(With(kTwo, 4, Hex("02"))));
  EXPECT_FALSE(kHpBdl.matches(With(kTwo, 8, Hex("00000000"))));
  EXPECT_FALSE(kHpBdl.matches(With(kTwo, 16, Hex("00000000"))));
  EXPECT_FALSE(kHpBdl.matches(With(kTwo, 16, Hex("FFFFFFFF"))));
  EXPECT_FALSE(kHpBdl.matches(With(kTwo, 32, Hex("01"))));
  EXPECT_FALSE(kHpBdl.matches(With(kTwo, 310, Hex("41"))));
}

TEST(HpBdlTest, PartsThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(
        Unpack(kHpBdl, With(kTwo, 1321, Hex("FFFFFFFFFFFFFFFF")), sink));
  }
  {
    RecordingSink sink;
    EXPECT_FALSE(
        Unpack(kHpBdl, With(kTwo, 1329, Hex("FFFFFFFFFFFFFF7F")), sink));
  }
}

TEST(HpBdlTest, OverlapsAreSaid) {
  EXPECT_EQ(AnomaliesOf(kHpBdl, With(kTwo, 1337, Hex("60"))),
            "hp_bdl.overlapping-parts");
}

}  // namespace
}  // namespace assay::formats
