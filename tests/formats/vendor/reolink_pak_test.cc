#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kReolinkPak;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kTwo = Sample("formats/reolink_pak/two.hex");

TEST(ReolinkPakTest, GivesItsParts) {
  testing::CheckParts(kReolinkPak, kTwo,
                      {{"uboot", Lines("inert boot\n", 45)},
                       {"rootfs", Lines("inert rootfs\n", 66)}});
}

TEST(ReolinkPakTest, DamageShows) {
  testing::CheckDamageShows(kReolinkPak, kTwo,
                            {{4, 8}, {44, 24}, {83, 49}, {140, 152}});
}

TEST(ReolinkPakTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kReolinkPak, kTwo, 12);
  EXPECT_FALSE(kReolinkPak.matches(With(kTwo, 3, Hex("33"))));
  EXPECT_FALSE(kReolinkPak.matches(With(kTwo, 12, Hex("01"))));
  EXPECT_FALSE(kReolinkPak.matches(With(kTwo, 68, Hex("00000000"))));
  EXPECT_FALSE(kReolinkPak.matches(With(kTwo, 68, Hex("25"))));
  EXPECT_FALSE(kReolinkPak.matches(With(kTwo, 68, Hex("FFFFFFFF"))));
}

TEST(ReolinkPakTest, SectionsThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kReolinkPak, With(kTwo, 72, Hex("FFFFFF7F")), sink));
  }
}

TEST(ReolinkPakTest, OverlapsAreSaid) {
  EXPECT_EQ(AnomaliesOf(kReolinkPak, With(kTwo, 132, Hex("24"))),
            "reolink_pak.overlapping-parts");
}

}  // namespace
}  // namespace assay::formats
