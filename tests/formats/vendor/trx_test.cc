#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kTrx;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kV1 = Sample("formats/trx/v1.hex");
const Bytes kV2 = Sample("formats/trx/v2.hex");

TEST(TrxTest, GivesItsParts) {
  testing::CheckParts(kTrx, kV1,
                      {{"partition0", Lines("inert loader\n", 40)},
                       {"partition1", Lines("inert kernel\n", 60)},
                       {"partition2", Lines("inert rootfs\n", 48)}});
  testing::CheckParts(kTrx, kV2, {{"partition0", Lines("inert kernel\n", 64)}});
}

TEST(TrxTest, DamageShows) {
  testing::CheckDamageShows(kTrx, kV1);
  testing::CheckDamageShows(kTrx, kV2);
}

TEST(TrxTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kTrx, kV1, 20);
  EXPECT_FALSE(kTrx.matches(With(kV1, 14, Hex("0300"))));
  EXPECT_FALSE(kTrx.matches(With(kV1, 4, Hex("1B000000"))));
  EXPECT_FALSE(kTrx.matches(With(kV1, 16, Hex("08000000"))));
  EXPECT_FALSE(kTrx.matches(With(kV1, 20, Hex("1C000000"))));
  EXPECT_FALSE(kTrx.matches(With(kV1, 24, Hex("FFFF0000"))));
  EXPECT_FALSE(kTrx.matches(With(kV1, 14, Hex("0000"))));
}

TEST(TrxTest, ChangedBytesContradictTheCrc) {
  EXPECT_EQ(AnomaliesOf(kTrx, With(kV1, 30, Hex("00"))), "trx.crc-mismatch");
  EXPECT_EQ(AnomaliesOf(kTrx, With(kV1, 8, Hex("00"))), "trx.crc-mismatch");
}

TEST(TrxTest, AnImageThatIsCutShortGivesWhatIsThere) {
  RecordingSink sink;
  const auto result = Unpack(kTrx, ByteView(kV1).first(100), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
  EXPECT_TRUE(sink.Find("partition0")->has_content);
  EXPECT_FALSE(sink.Find("partition2")->has_content);
}

}  // namespace
}  // namespace assay::formats
