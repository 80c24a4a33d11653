#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDlinkFpkg;
namespace {

using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kTwo = Sample("formats/dlink_fpkg/two.hex");

TEST(DlinkFpkgTest, GivesItsParts) {
  testing::CheckParts(kDlinkFpkg, kTwo,
                      {{"core.bin", Lines("inert core\n", 71)},
                       {"signature", Lines("inert signature\n", 64)}});
}

TEST(DlinkFpkgTest, DamageShows) {
  // A cut between two entries cannot be told from the end.
  testing::CheckDamageShows(kDlinkFpkg, ByteView(kTwo).first(124),
                            {{4, 21}, {29, 4}});
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kDlinkFpkg, ByteView(kTwo).first(140), sink));
}

TEST(DlinkFpkgTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kDlinkFpkg, kTwo, 8);
  EXPECT_FALSE(kDlinkFpkg.matches(With(kTwo, 4, Hex("02"))));
  EXPECT_FALSE(kDlinkFpkg.matches(With(kTwo, 8, Hex("00000001"))));
  EXPECT_FALSE(kDlinkFpkg.matches(With(kTwo, 25, Hex("00000001"))));
  EXPECT_FALSE(kDlinkFpkg.matches(With(kTwo, 29, Hex("0200"))));
  EXPECT_FALSE(kDlinkFpkg.matches(With(kTwo, 38, Hex("01"))));
}

TEST(DlinkFpkgTest, SizesThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kDlinkFpkg, With(kTwo, 33, Hex("FFFFFFFF")), sink));
  }
}

}  // namespace
}  // namespace assay::formats
