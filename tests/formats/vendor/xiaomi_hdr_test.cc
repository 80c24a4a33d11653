#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kXiaomiHdr;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kHdr1 = Sample("formats/xiaomi_hdr/hdr1.hex");
const Bytes kHdr2 = Sample("formats/xiaomi_hdr/hdr2.hex");

TEST(XiaomiHdrTest, GivesItsParts) {
  testing::CheckParts(kXiaomiHdr, kHdr1,
                      {{"uboot.bin", Lines("inert boot\n", 50)},
                       {"firmware.bin", Lines("inert kernel\n", 93)},
                       {"signature", Lines("inert signature\n", 256)}});
  testing::CheckParts(kXiaomiHdr, kHdr2,
                      {{"uboot.bin", Lines("inert boot\n", 50)},
                       {"firmware.bin", Lines("inert kernel\n", 93)},
                       {"signature", Lines("inert signature\n", 256)}});
}

TEST(XiaomiHdrTest, DamageShows) {
  testing::CheckDamageShows(kXiaomiHdr, kHdr1);
  testing::CheckDamageShows(kXiaomiHdr, kHdr2);
}

TEST(XiaomiHdrTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kXiaomiHdr, kHdr1, 48);
  EXPECT_FALSE(kXiaomiHdr.matches(With(kHdr1, 0, Hex("484453"))));
  EXPECT_FALSE(kXiaomiHdr.matches(With(kHdr1, 3, Hex("33"))));
  EXPECT_FALSE(kXiaomiHdr.matches(With(kHdr1, 4, Hex("10000000"))));
  EXPECT_FALSE(kXiaomiHdr.matches(With(kHdr1, 16, Hex("00000000"))));
  EXPECT_FALSE(kXiaomiHdr.matches(With(kHdr1, 16, Hex("20000000"))));
  EXPECT_FALSE(kXiaomiHdr.matches(With(kHdr1, 24, Hex("01000000"))));
  EXPECT_FALSE(kXiaomiHdr.matches(With(kHdr1, 48, Hex("BB"))));
}

TEST(XiaomiHdrTest, ChangedBytesContradictTheCrc) {
  EXPECT_EQ(AnomaliesOf(kXiaomiHdr, With(kHdr1, 100, Hex("00"))),
            "xiaomi_hdr.crc-mismatch");
  EXPECT_EQ(AnomaliesOf(kXiaomiHdr, With(kHdr1, 450, Hex("00"))),
            "xiaomi_hdr.crc-mismatch");
}

TEST(XiaomiHdrTest, BlobsThatLieAreSaid) {
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kXiaomiHdr, With(kHdr1, 56, Hex("FFFFFF7F")), sink));
  EXPECT_FALSE(Unpack(kXiaomiHdr, With(kHdr1, 20, Hex("99")), sink));
}

}  // namespace
}  // namespace assay::formats
