#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kBuffaloEnc;
namespace {

using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kPlain = Sample("formats/buffalo_enc/plain.hex");

TEST(BuffaloEncTest, GivesItsParts) {
  testing::CheckParts(kBuffaloEnc, kPlain, {{"payload", ""}});
}

TEST(BuffaloEncTest, DamageShows) {
  testing::CheckDamageShows(kBuffaloEnc, kPlain, {{6, 130}});
}

TEST(BuffaloEncTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kBuffaloEnc, kPlain, 6);
  EXPECT_FALSE(kBuffaloEnc.matches(With(kPlain, 5, Hex("01"))));
  EXPECT_FALSE(kBuffaloEnc.matches(With(kPlain, 7, Hex("00000000"))));
  EXPECT_FALSE(kBuffaloEnc.matches(With(kPlain, 7, Hex("00000021"))));
  EXPECT_FALSE(kBuffaloEnc.matches(With(kPlain, 15, Hex("00000009"))));
  EXPECT_FALSE(kBuffaloEnc.matches(With(kPlain, 24, Hex("00000000"))));
  EXPECT_FALSE(kBuffaloEnc.matches(With(kPlain, 24, Hex("FFFFFFFF"))));
}

TEST(BuffaloEncTest, SizesThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kBuffaloEnc, With(kPlain, 24, Hex("00FFFFFF")), sink));
  }
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kBuffaloEnc, With(kPlain, 24, Hex("00000064")), sink));
  }
}

}  // namespace
}  // namespace assay::formats
