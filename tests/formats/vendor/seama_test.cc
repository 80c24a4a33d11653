#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kSeama;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kSealed = Sample("formats/seama/sealed.hex");

TEST(SeamaTest, GivesItsParts) {
  testing::CheckParts(kSeama, kSealed,
                      {{"entity0", Lines("inert kernel\n", 150)},
                       {"entity1", Lines("inert data\n", 31)}});
}

TEST(SeamaTest, DamageShows) {
  // A cut between two entities cannot be told from the end.
  testing::CheckDamageShows(kSeama, ByteView(kSealed).first(250),
                            {{12, 24}, {64, 36}});
}

TEST(SeamaTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kSeama, kSealed, 12);
  EXPECT_FALSE(kSeama.matches(With(kSealed, 4, Hex("01"))));
  EXPECT_FALSE(kSeama.matches(With(kSealed, 6, Hex("0000"))));
  EXPECT_FALSE(kSeama.matches(With(kSealed, 13, Hex("07"))));
  EXPECT_FALSE(kSeama.matches(With(kSealed, 21, Hex("2E"))));
}

TEST(SeamaTest, ChangedEntitiesContradictTheirDigest) {
  EXPECT_EQ(AnomaliesOf(kSeama, With(kSealed, 110, Hex("00"))),
            "seama.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kSeama, With(kSealed, 50, Hex("00"))),
            "seama.checksum-mismatch");
}

TEST(SeamaTest, AnEntityStandsAloneInFlash) {
  const ByteView alone = ByteView(kSealed).subspan(36);
  EXPECT_TRUE(kSeama.matches(alone));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kSeama, alone, sink));
  EXPECT_EQ(sink.members.size(), 2U);
}

TEST(SeamaTest, ASealAloneIsCutShort) {
  EXPECT_FALSE(kSeama.measure(ByteView(kSealed).first(36)));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kSeama, ByteView(kSealed).first(36), sink));
}

}  // namespace
}  // namespace assay::formats
