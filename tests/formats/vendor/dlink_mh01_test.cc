#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDlinkMh01;
namespace {

using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kPlain = Sample("formats/dlink_mh01/plain.hex");

TEST(DlinkMh01Test, GivesItsParts) {
  testing::CheckParts(kDlinkMh01, kPlain, {{"payload", ""}});
}

TEST(DlinkMh01Test, DamageShows) {
  testing::CheckDamageShows(kDlinkMh01, kPlain, {{4, 12}, {28, 341}});
}

TEST(DlinkMh01Test, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kDlinkMh01, kPlain, 32);
  EXPECT_FALSE(kDlinkMh01.matches(With(kPlain, 16, Hex("4D4831"))));
  EXPECT_FALSE(kDlinkMh01.matches(With(kPlain, 16, Hex("00"))));
  EXPECT_FALSE(kDlinkMh01.matches(With(kPlain, 20, Hex("01000000"))));
  EXPECT_FALSE(kDlinkMh01.matches(With(kPlain, 20, Hex("FFFF0000"))));
  EXPECT_FALSE(kDlinkMh01.matches(With(kPlain, 24, Hex("00000000"))));
  EXPECT_FALSE(kDlinkMh01.matches(With(kPlain, 32, Hex("7A"))));
}

TEST(DlinkMh01Test, SizesThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kDlinkMh01, With(kPlain, 24, Hex("FFFFFFFF")), sink));
  }
}

}  // namespace
}  // namespace assay::formats
