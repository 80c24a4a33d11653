#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kKwbimage;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
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

const Bytes kFirst = Sample("formats/kwbimage/v0.hex");
const Bytes kSecond = Sample("formats/kwbimage/v1.hex");

TEST(KwbimageTest, GivesItsPrograms) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kKwbimage, kFirst, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), Numbers(1, 400, 1492));
  EXPECT_TRUE(sink.anomalies.empty());
  RecordingSink second;
  ASSERT_TRUE(Unpack(kKwbimage, kSecond, second));
  EXPECT_TRUE(second.anomalies.empty());
  ASSERT_EQ(second.members.size(), 2U);
  EXPECT_NE(
      AsText(second.Find("header0")->content).find(Numbers(500, 900, 1604)),
      std::string_view::npos);
  EXPECT_EQ(AsText(second.Find("payload")->content), Numbers(1, 400, 1492));
}

TEST(KwbimageTest, EndsBehindTheSum) {
  EXPECT_EQ(kKwbimage.measure(Concat(kFirst, Hex("FF"))).value_or(0),
            512U + 1496U);
}

TEST(KwbimageTest, DamageShows) {
  const ByteView image = ByteView(kFirst).first(512 + 1496);
  // The registers have a checksum of their own, which the ROM ignores.
  testing::CheckDamageShows(kKwbimage, image, {{32, 480}});
  const auto size = kKwbimage.measure(kSecond);
  ASSERT_TRUE(size);
  testing::CheckDamageShows(
      kKwbimage, ByteView(kSecond).first(static_cast<std::size_t>(*size)),
      {{1668, 800}});
}

TEST(KwbimageTest, OtherBytesAreRefused) {
  testing::CheckRefusesNoise(kKwbimage, kFirst, 31);
  EXPECT_FALSE(kKwbimage.matches(With(kFirst, 0, Hex("5B"))));
  EXPECT_FALSE(kKwbimage.matches(With(kFirst, 8, Hex("02"))));
  EXPECT_FALSE(kKwbimage.matches(With(kFirst, 12, Hex("01"))));
  EXPECT_FALSE(kKwbimage.matches(With(kFirst, 31, Hex("00"))));
}

TEST(KwbimageTest, AChangedProgramContradictsTheSum) {
  EXPECT_EQ(AnomaliesOf(kKwbimage, With(kFirst, 600, Hex("00"))),
            "kwbimage.checksum-mismatch");
}

}  // namespace
}  // namespace assay::formats
