#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kNetgearDni;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::Sample;
using testing::With;

const Bytes kPlain = Sample("formats/netgear_dni/plain.hex");

TEST(NetgearDniTest, GivesItsParts) {
  testing::CheckParts(kNetgearDni, kPlain,
                      {{"payload", Lines("inert payload\n", 200)}});
}

TEST(NetgearDniTest, DamageShows) {
  testing::CheckDamageShows(kNetgearDni, kPlain);
}

TEST(NetgearDniTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kNetgearDni, kPlain, 64);
  EXPECT_FALSE(kNetgearDni.matches(With(kPlain, 0, Hex("64657669636520"))));
  EXPECT_FALSE(kNetgearDni.matches(With(kPlain, 19, Hex("41"))));
  EXPECT_FALSE(kNetgearDni.matches(With(kPlain, 127, Hex("01"))));
  EXPECT_FALSE(kNetgearDni.matches(With(kPlain, 9, Hex("07"))));
}

TEST(NetgearDniTest, AChangedImageContradictsTheSum) {
  EXPECT_EQ(AnomaliesOf(kNetgearDni, With(kPlain, 130, Hex("00"))),
            "netgear_dni.checksum-mismatch");
}

}  // namespace
}  // namespace assay::formats
