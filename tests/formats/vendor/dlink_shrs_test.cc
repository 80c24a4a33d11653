#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDlinkShrs;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kPlain = Sample("formats/dlink_shrs/plain.hex");

TEST(DlinkShrsTest, GivesItsParts) {
  testing::CheckParts(kDlinkShrs, kPlain,
                      {{"signature1", Lines("inert one\n", 512)},
                       {"signature2", Lines("inert two\n", 512)},
                       {"payload", ""}});
}

TEST(DlinkShrsTest, DamageShows) {
  testing::CheckDamageShows(kDlinkShrs, kPlain,
                            {{4, 152}, {732, 1240}, {1956, 8}});
}

TEST(DlinkShrsTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kDlinkShrs, kPlain, 12);
  EXPECT_FALSE(kDlinkShrs.matches(With(kPlain, 4, Hex("00000001"))));
  EXPECT_FALSE(kDlinkShrs.matches(With(kPlain, 4, Hex("000000D1"))));
  EXPECT_FALSE(kDlinkShrs.matches(With(kPlain, 8, Hex("00000000"))));
  EXPECT_FALSE(kDlinkShrs.matches(With(kPlain, 300, Hex("01"))));
}

TEST(DlinkShrsTest, AChangedImageContradictsTheDigest) {
  EXPECT_EQ(AnomaliesOf(kDlinkShrs, With(kPlain, 1800, Hex("00"))),
            "dlink_shrs.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kDlinkShrs, With(kPlain, 160, Hex("00"))),
            "dlink_shrs.checksum-mismatch");
}

TEST(DlinkShrsTest, TheImageIsOpaque) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kDlinkShrs, kPlain, sink));
  EXPECT_EQ(sink.Find("payload")->problem, "encrypted (AES-128-CBC)");
  EXPECT_EQ(sink.Find("payload")->member.origin, (Range{1756, 208}));
}

}  // namespace
}  // namespace assay::formats
