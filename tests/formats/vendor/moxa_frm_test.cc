#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kMoxaFrm;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kTwo = Sample("formats/moxa_frm/two.hex");

TEST(MoxaFrmTest, GivesItsParts) {
  testing::CheckParts(kMoxaFrm, kTwo,
                      {{"firmware.bin", Lines("inert program\n", 64)},
                       {"index.htm", Lines("inert page\n", 30)}});
}

TEST(MoxaFrmTest, DamageShows) {
  testing::CheckDamageShows(kMoxaFrm, kTwo,
                            {{16, 52}, {76, 8}, {88, 8}, {160, 80}, {250, 46}});
}

TEST(MoxaFrmTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kMoxaFrm, kTwo, 8);
  EXPECT_FALSE(kMoxaFrm.matches(With(kTwo, 7, Hex("02"))));
  EXPECT_FALSE(kMoxaFrm.matches(With(kTwo, 8, Hex("10000000"))));
  EXPECT_FALSE(kMoxaFrm.matches(With(kTwo, 12, Hex("61"))));
  EXPECT_FALSE(kMoxaFrm.matches(With(kTwo, 14, Hex("0000"))));
  EXPECT_FALSE(kMoxaFrm.matches(With(kTwo, 14, Hex("0300"))));
}

TEST(MoxaFrmTest, SectionsThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kMoxaFrm, With(kTwo, 68, Hex("FFFFFF7F")), sink));
  }
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kMoxaFrm, With(kTwo, 8, Hex("FFFFFF7F")), sink));
  }
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kMoxaFrm, With(kTwo, 160 + 56, Hex("01")), sink));
  }
}

TEST(MoxaFrmTest, FilesThatLieAreSaid) {
  EXPECT_EQ(AnomaliesOf(kMoxaFrm, With(kTwo, 240 + 56, Hex("FF000000"))),
            "moxa_frm.size-mismatch");
}

}  // namespace
}  // namespace assay::formats
