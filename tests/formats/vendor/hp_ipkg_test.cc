#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kHpIpkg;
namespace {

using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kOne = Sample("formats/hp_ipkg/one.hex");

TEST(HpIpkgTest, GivesItsParts) {
  testing::CheckParts(kHpIpkg, kOne,
                      {{"boot.bin", Lines("inert first\n", 44)}});
}

TEST(HpIpkgTest, DamageShows) {
  testing::CheckDamageShows(kHpIpkg, kOne, {{12, 1300}, {1320, 12}});
}

TEST(HpIpkgTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kHpIpkg, kOne, 8);
  EXPECT_FALSE(kHpIpkg.matches(With(kOne, 6, Hex("02"))));
  EXPECT_FALSE(kHpIpkg.matches(With(kOne, 8, Hex("00000000"))));
  EXPECT_FALSE(kHpIpkg.matches(With(kOne, 16, Hex("00000000"))));
  EXPECT_FALSE(kHpIpkg.matches(With(kOne, 28, Hex("01"))));
  EXPECT_FALSE(kHpIpkg.matches(With(kOne, 32, Hex("01"))));
}

TEST(HpIpkgTest, FilesThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(
        Unpack(kHpIpkg, With(kOne, 1312, Hex("FFFFFFFFFFFFFFFF")), sink));
  }
  {
    RecordingSink sink;
    EXPECT_FALSE(
        Unpack(kHpIpkg, With(kOne, 1320, Hex("FFFFFFFFFFFFFF7F")), sink));
  }
}

}  // namespace
}  // namespace assay::formats
