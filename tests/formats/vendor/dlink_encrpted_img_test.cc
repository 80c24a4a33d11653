#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDlinkEncrptedImg;
namespace {

using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kPlain = Sample("formats/dlink_encrpted_img/plain.hex");

TEST(DlinkEncrptedImgTest, GivesItsParts) {
  testing::CheckParts(kDlinkEncrptedImg, kPlain, {{"payload", ""}});
}

TEST(DlinkEncrptedImgTest, DamageShows) {
  testing::CheckDamageShows(kDlinkEncrptedImg, kPlain, {{12, 212}});
}

TEST(DlinkEncrptedImgTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kDlinkEncrptedImg, kPlain, 12);
  EXPECT_FALSE(kDlinkEncrptedImg.matches(With(kPlain, 11, Hex("00"))));
  EXPECT_FALSE(kDlinkEncrptedImg.matches(With(kPlain, 12, Hex("00000000"))));
  EXPECT_FALSE(kDlinkEncrptedImg.matches(With(kPlain, 15, Hex("01"))));
}

TEST(DlinkEncrptedImgTest, SizesThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(
        Unpack(kDlinkEncrptedImg, With(kPlain, 12, Hex("FFFFFFF0")), sink));
    EXPECT_FALSE(kDlinkEncrptedImg.measure(With(kPlain, 12, Hex("FFFFFFF0"))));
  }
}

}  // namespace
}  // namespace assay::formats
