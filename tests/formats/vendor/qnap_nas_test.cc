#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kQnapNas;
namespace {

using testing::Hex;
using testing::Lines;
using testing::Sample;
using testing::With;

const Bytes kPlain = Sample("formats/qnap_nas/plain.hex");

TEST(QnapNasTest, GivesItsParts) {
  testing::CheckParts(kQnapNas, kPlain,
                      {{"encrypted", ""}, {"rest", Lines("inert rest\n", 40)}});
}

TEST(QnapNasTest, DamageShows) {
  testing::CheckDamageShows(kQnapNas, kPlain, {{0, 64}, {114, 64}});
}

TEST(QnapNasTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kQnapNas, kPlain, 64);
  EXPECT_FALSE(kQnapNas.matches_end(With(kPlain, 104, Hex("00"))));
  EXPECT_FALSE(kQnapNas.matches_end(With(kPlain, 110, Hex("00000000"))));
  EXPECT_FALSE(kQnapNas.matches_end(With(kPlain, 110, Hex("FFFFFFFF"))));
  EXPECT_FALSE(kQnapNas.matches_end(With(kPlain, 114, Hex("00"))));
  EXPECT_FALSE(kQnapNas.matches_end(With(kPlain, 115, Hex("01"))));
}

}  // namespace
}  // namespace assay::formats
