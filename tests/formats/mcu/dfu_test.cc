#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kDfu;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::With;

const Bytes kPlain = Sample("formats/dfu/plain.hex");
const Bytes kDfuSe = Sample("formats/dfu/dfuse.hex");

TEST(DfuTest, APlainImageIsOneMember) {
  std::string numbers;
  for (int i = 1; i <= 50; ++i) {
    numbers += fmt::format("{}\n", i);
  }
  testing::CheckParts(kDfu, kPlain, {{"payload", numbers}});
}

TEST(DfuTest, EveryElementIsAMember) {
  testing::CheckParts(
      kDfu, kDfuSe,
      {{"alt0/0x08000000", "inert boot\ninert boot\ninert boot\ninert b"},
       {"alt0/0x08004000",
        "inert main\ninert main\ninert main\ninert main\ninert main\ninert "},
       {"alt1/0x1fffc000", "\x0f\x0f\x0f\x0f\x0f\x0f\x0f\x0f"}});
}

TEST(DfuTest, DamageShows) {
  testing::CheckDamageShows(kDfu, kPlain);
  testing::CheckDamageShows(kDfu, kDfuSe);
}

TEST(DfuTest, OtherEndsAreNotDfu) {
  testing::CheckRefusesNoise(kDfu, kPlain, 100);
  const std::size_t suffix = kPlain.size() - 16;
  EXPECT_FALSE(kDfu.matches_end(With(kPlain, suffix + 6, Hex("0002"))));
  EXPECT_FALSE(kDfu.matches_end(With(kPlain, suffix + 11, Hex("0F"))));
  EXPECT_FALSE(kDfu.matches_end(With(kPlain, suffix + 11, Hex("FF"))));
  EXPECT_FALSE(kDfu.matches_end(Concat(kPlain, Hex("00"))));
}

TEST(DfuTest, AChangedImageContradictsTheSuffix) {
  EXPECT_EQ(AnomaliesOf(kDfu, With(kPlain, 0, Hex("00"))), "dfu.crc-mismatch");
}

// As in hackrf-firmware: the CRC was made before the header was put in front.
TEST(DfuTest, TheHeaderOfLpcBootRomsIsNoPartOfTheSum) {
  const Bytes header = Hex("DAFF0100 FFFFFFFF FFFFFFFF FFFFFFFF");
  testing::CheckParts(
      kDfu, Concat(header, kPlain),
      {{"payload", AsText(ByteView(kPlain).first(kPlain.size() - 16))}});
  EXPECT_EQ(AnomaliesOf(kDfu, Concat(Hex("DAFF0100"), kPlain)),
            "dfu.crc-mismatch");
}

TEST(DfuTest, SizesThatLieAreSaid) {
  // The prefix, then the first target, then its first element.
  EXPECT_EQ(AnomaliesOf(kDfu, With(kDfuSe, 6, Hex("00"))),
            "dfu.crc-mismatch dfu.size-mismatch");
  EXPECT_EQ(AnomaliesOf(kDfu, With(kDfuSe, 11 + 266, Hex("00"))),
            "dfu.crc-mismatch dfu.size-mismatch");
  RecordingSink sink;
  const auto result =
      Unpack(kDfu, With(kDfuSe, 11 + 274 + 4, Hex("FFFFFFFF")), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
  // More targets and more elements than there are.
  EXPECT_FALSE(Unpack(kDfu, With(kDfuSe, 10, Hex("FF")), sink));
  EXPECT_FALSE(Unpack(kDfu, With(kDfuSe, 11 + 270, Hex("FFFFFFFF")), sink));
}

TEST(DfuTest, WhatTheTargetsLeaveIsSlack) {
  Bytes one = With(kDfuSe, 10, Hex("01"));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kDfu, one, sink));
  EXPECT_EQ(sink.regions.back().use, RegionUse::kSlack);
  std::string why;
  EXPECT_TRUE(sink.Accounts(one.size(), &why)) << why;
}

}  // namespace
}  // namespace assay::formats
