#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kSenao;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kKernel = Sample("formats/senao/kernel.hex");
const Bytes kCombo = Sample("formats/senao/combo.hex");

TEST(SenaoTest, GivesItsParts) {
  testing::CheckParts(kSenao, kKernel,
                      {{"payload", Lines("inert image\n", 123)}});
  testing::CheckParts(kSenao, kCombo,
                      {{"payload", Lines("inert image\n", 123)}});
}

TEST(SenaoTest, DamageShows) {
  testing::CheckDamageShows(kSenao, kKernel, {{0, 36}, {88, 4}});
  testing::CheckDamageShows(kSenao, kCombo, {{0, 36}, {88, 57}});
}

TEST(SenaoTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kSenao, kKernel, 92);
  EXPECT_FALSE(kSenao.matches(With(kKernel, 4, Hex("00000000"))));
  EXPECT_FALSE(kSenao.matches(With(kKernel, 28, Hex("0000000D"))));
  EXPECT_FALSE(kSenao.matches(With(kKernel, 36, Hex("01"))));
  EXPECT_FALSE(kSenao.matches(With(kKernel, 60, Hex("01"))));
  EXPECT_FALSE(kSenao.matches(With(kKernel, 92, Hex("13"))));
  EXPECT_FALSE(kSenao.matches(With(kKernel, 32, Hex("00000000"))));
}

TEST(SenaoTest, ChangedImagesContradictTheDigest) {
  EXPECT_EQ(AnomaliesOf(kSenao, With(kKernel, 100, Hex("00"))),
            "senao.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kSenao, With(kKernel, 40, Hex("00"))),
            "senao.checksum-mismatch");
}

TEST(SenaoTest, SizesThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kSenao, With(kKernel, 32, Hex("00FFFFFF")), sink));
  }
}

}  // namespace
}  // namespace assay::formats
