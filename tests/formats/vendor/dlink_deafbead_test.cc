#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDlinkDeafbead;
namespace {

using testing::Concat;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kTree = Sample("formats/dlink_deafbead/tree.hex");

TEST(DlinkDeafbeadTest, GivesItsParts) {
  testing::CheckParts(kDlinkDeafbead, kTree,
                      {{"web", ""}, {"web\\a.gz", Lines("inert page\n", 55)}});
}

TEST(DlinkDeafbeadTest, DamageShows) {
  // A cut between two records cannot be told from the end.
  testing::CheckDamageShows(
      kDlinkDeafbead,
      Concat(ByteView(kTree).first(4), ByteView(kTree).subspan(10)));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kDlinkDeafbead, ByteView(kTree).first(20), sink));
}

TEST(DlinkDeafbeadTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kDlinkDeafbead, kTree, 4);
  EXPECT_FALSE(kDlinkDeafbead.matches(With(kTree, 4, Hex("88"))));
  EXPECT_FALSE(kDlinkDeafbead.matches(With(kTree, 5, Hex("0000"))));
  EXPECT_FALSE(kDlinkDeafbead.matches(With(kTree, 7, Hex("01"))));
}

TEST(DlinkDeafbeadTest, SizesThatLieAreSaid) {
  {
    RecordingSink sink;
    EXPECT_FALSE(
        Unpack(kDlinkDeafbead, With(kTree, 21, Hex("FFFFFFFF")), sink));
  }
}

}  // namespace
}  // namespace assay::formats
