#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDlinkJboot;
namespace {

using testing::Hex;
using testing::Lines;
using testing::Sample;
using testing::With;

const Bytes kSch2 = Sample("formats/dlink_jboot/sch2.hex");

TEST(DlinkJbootTest, GivesItsParts) {
  testing::CheckParts(kDlinkJboot, kSch2,
                      {{"kernel", Lines("inert kernel\n", 120)}});
}

TEST(DlinkJbootTest, DamageShows) {
  testing::CheckDamageShows(kDlinkJboot, kSch2);
}

TEST(DlinkJbootTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kDlinkJboot, kSch2, 4);
  EXPECT_FALSE(kDlinkJboot.matches(With(kSch2, 2, Hex("04"))));
  EXPECT_FALSE(kDlinkJboot.matches(With(kSch2, 3, Hex("01"))));
  EXPECT_FALSE(kDlinkJboot.matches(With(kSch2, 12, Hex("00"))));
  EXPECT_FALSE(kDlinkJboot.matches(With(kSch2, 32, Hex("00"))));
  EXPECT_FALSE(kDlinkJboot.matches(With(kSch2, 36, Hex("29"))));
}

}  // namespace
}  // namespace assay::formats
