#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDahua;
extern const Format kZip;
namespace {

using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kOne = Sample("formats/dahua/one.hex");

TEST(DahuaTest, GivesTheArchiveAsItWas) {
  const Bytes archive = With(kOne, 0, AsBytes("PK"));
  testing::CheckParts(kDahua, kOne, {{"archive.zip", AsText(archive)}});
  RecordingSink files;
  ASSERT_TRUE(Unpack(kZip, archive, files));
  ASSERT_NE(files.Find("Install"), nullptr);
  EXPECT_EQ(AsText(files.Find("Install")->content),
            Lines("inert script\n", 50));
}

// Damage is for the archive's own checks.
TEST(DahuaTest, EveryByteReachesTheArchive) {
  for (std::size_t at = 2; at < kOne.size(); ++at) {
    Bytes changed = kOne;
    changed[at] ^= 1U;
    RecordingSink sink;
    if (Unpack(kDahua, changed, sink)) {
      EXPECT_EQ(sink.members.at(0).content[at], changed[at]);
    }
  }
}

TEST(DahuaTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kDahua, kOne, 4);
  EXPECT_FALSE(kDahua.matches(With(kOne, 4, Hex("40"))));
  EXPECT_FALSE(kDahua.matches(With(kOne, 8, Hex("09"))));
  EXPECT_FALSE(kDahua.matches(With(kOne, 26, Hex("0000"))));
  EXPECT_FALSE(kDahua.matches(With(kOne, 26, Hex("FFFF"))));
  EXPECT_FALSE(kDahua.matches(With(kOne, 30, Hex("01"))));
  EXPECT_FALSE(kDahua.matches(ByteView(kOne).first(36)));
}

}  // namespace
}  // namespace assay::formats
