#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kRockchipIdblock;
namespace {

using testing::AnomaliesOf;
using testing::Hex;
using testing::Lines;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

// What make_boot.sh puts in, and how mkimage fills it up.
std::string Numbers(int from, int to, std::size_t size) {
  std::string text;
  for (int i = from; i <= to; ++i) {
    text += fmt::format("{}\n", i);
  }
  text.resize(size);
  return text;
}

const Bytes kPlain = Sample("formats/rockchip_idblock/rk3288.hex");
const Bytes kScrambled = Sample("formats/rockchip_idblock/rk3066.hex");
const Bytes kSecond = Sample("formats/rockchip_idblock/rkns.hex");

// The boot ROM wants the chip's name in front of the program.
TEST(RockchipIdblockTest, GivesItsPrograms) {
  testing::CheckParts(kRockchipIdblock, kPlain,
                      {{"init", "RK32" + Numbers(1, 400, 2048).substr(4)},
                       {"boot", Numbers(500, 900, 2048)}});
  testing::CheckParts(kRockchipIdblock, kScrambled,
                      {{"init", "RK30" + Numbers(1, 400, 2048).substr(4)}});
  testing::CheckParts(kRockchipIdblock, kSecond,
                      {{"image0", Lines("inert init\n", 1024)},
                       {"image1", Lines("inert boot\n", 512)}});
}

TEST(RockchipIdblockTest, DamageShows) {
  // But for the kind of hash, and the room behind it.
  testing::CheckDamageShows(kRockchipIdblock, kSecond, {{12, 4}, {1568, 480}});
  for (std::size_t size = 0; size < kPlain.size(); size += 13) {
    EXPECT_FALSE(kRockchipIdblock.measure(ByteView(kPlain).first(size)));
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kRockchipIdblock, ByteView(kPlain).first(size), sink));
  }
}

TEST(RockchipIdblockTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kRockchipIdblock, kPlain, 8);
  testing::CheckRefusesNoise(kRockchipIdblock, kSecond, 4);
  EXPECT_FALSE(kRockchipIdblock.matches(With(kPlain, 5, Hex("00"))));
  EXPECT_FALSE(kRockchipIdblock.matches(With(kPlain, 9, Hex("00"))));
  EXPECT_FALSE(kRockchipIdblock.matches(With(kSecond, 10, Hex("0000"))));
  EXPECT_FALSE(kRockchipIdblock.matches(With(kSecond, 10, Hex("0500"))));
  EXPECT_FALSE(kRockchipIdblock.matches(ByteView(kSecond).first(2047)));
}

TEST(RockchipIdblockTest, ChangedBytesContradictTheDigests) {
  EXPECT_EQ(AnomaliesOf(kRockchipIdblock, With(kSecond, 2050, Hex("00"))),
            "rockchip_idblock.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kRockchipIdblock, With(kSecond, 500, Hex("01"))),
            "rockchip_idblock.header-checksum-mismatch");
}

}  // namespace
}  // namespace assay::formats
