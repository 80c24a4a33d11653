#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kOmapCh;
namespace {

using testing::Hex;
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

const Bytes kMlo = Sample("formats/omap_ch/mlo.hex");

TEST(OmapChTest, GivesItsProgram) {
  testing::CheckParts(kOmapCh, kMlo, {{"payload", Numbers(1, 400, 1492)}});
}

TEST(OmapChTest, DamageShows) {
  // Neither the settings nor the address have a checksum.
  testing::CheckDamageShows(kOmapCh, kMlo, {{0, 8}, {64, 12}, {516, 4}});
}

TEST(OmapChTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kOmapCh, kMlo, 32);
  EXPECT_FALSE(kOmapCh.matches(With(kMlo, 8, Hex("01"))));
  EXPECT_FALSE(kOmapCh.matches(With(kMlo, 40, Hex("00"))));
  EXPECT_FALSE(kOmapCh.matches(With(kMlo, 0, Hex("01020000"))));
  EXPECT_FALSE(kOmapCh.matches(With(kMlo, 4, Hex("FFFFFFFF"))));
  EXPECT_FALSE(kOmapCh.matches(With(kMlo, 512, Hex("08000000"))));
  EXPECT_FALSE(kOmapCh.matches(With(kMlo, 512, Hex("FFFFFFFF"))));
}

TEST(OmapChTest, HiddenBytesBehindTheSettingsAreSlack) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kOmapCh, With(kMlo, 300, AsBytes("hidden")), sink));
  bool slack = false;
  for (const Region& region : sink.regions) {
    slack = slack || region.use == RegionUse::kSlack;
  }
  EXPECT_TRUE(slack);
}

}  // namespace
}  // namespace assay::formats
