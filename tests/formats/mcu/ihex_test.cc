#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kIhex;
namespace {

using testing::AnomaliesOf;
using testing::Concat;
using testing::RecordingSink;
using testing::Sample;

const Bytes kLinear = Sample("formats/ihex/linear.hex");
const Bytes kSegmented = Sample("formats/ihex/segmented.hex");

std::string Numbers(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

Bytes Text(std::string_view text) {
  return CopyOf(AsBytes(text));
}

// Without the last line break, which is no part of a record.
ByteView Trimmed(ByteView file) {
  while (file.back() == '\n' || file.back() == '\r') {
    file = file.first(file.size() - 1);
  }
  return file;
}

TEST(IhexTest, GivesEachStretchOfMemory) {
  testing::CheckParts(
      kIhex, kLinear,
      {{"0x00008000", Numbers(1, 60)}, {"0x00020000", Numbers(1000, 1020)}});
  testing::CheckParts(
      kIhex, kSegmented,
      {{"0x00008000", Numbers(1, 60)}, {"0x00020000", Numbers(1000, 1020)}});
}

TEST(IhexTest, DamageShows) {
  testing::CheckDamageShows(kIhex, Trimmed(kLinear));
}

TEST(IhexTest, OtherTextIsNotIhex) {
  testing::CheckRefusesNoise(kIhex, kLinear, 9);
  for (const char* text :
       {":", ":\n", ":00000001FE\n", ":0000000G\n", ":0100000000\n",
        ":00000006FA\n", ":01000004AA51\n", "::00000001FF\n", " :00000001FF\n",
        ":00000001FF\nhello\nhello\n", ":020000040000FA and more\n"}) {
    EXPECT_FALSE(kIhex.matches(Text(text))) << text;
  }
  EXPECT_TRUE(kIhex.matches(Text(":00000001FF")));
  EXPECT_TRUE(kIhex.matches(Text(":020000040000fa\r\n:00000001ff\r\n")));
}

TEST(IhexTest, StretchesAreAssembledOutOfOrder) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIhex,
                     Text(":0100020063"
                          "9A\n:0200000061623B\n:00000001FF\n"),
                     sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), "abc");
  EXPECT_TRUE(sink.anomalies.empty());
}

TEST(IhexTest, WrongSumsAreSaidAndRead) {
  Bytes wrong = kLinear;
  wrong[AsText(wrong).find("7C")] = '8';
  EXPECT_EQ(AnomaliesOf(kIhex, wrong), "ihex.checksum-mismatch");
}

TEST(IhexTest, MemoryFilledTwiceIsSaid) {
  const Bytes twice = Text(
      ":0400000061626364"
      "72\n:0200010041427A\n:0400000061626364"
      "72\n"
      ":00000001FF\n");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIhex, twice, sink));
  EXPECT_TRUE(sink.Saw("ihex.overlapping-data"));
  ASSERT_EQ(sink.members.size(), 3U);
  EXPECT_EQ(sink.members[1].member.name, "0x00000000.2");
  EXPECT_EQ(AsText(sink.members[2].content), "AB");
}

TEST(IhexTest, OtherLinesAreSlack) {
  const Bytes noted = Text(":020000040000FA\n# hidden here\n\n:00000001FF\n");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIhex, noted, sink));
  std::string why;
  EXPECT_TRUE(sink.Accounts(noted.size(), &why)) << why;
  ASSERT_EQ(sink.regions.size(), 4U);
  EXPECT_EQ(sink.regions[1].use, RegionUse::kSlack);
  EXPECT_EQ(sink.regions[1].range.length, 14U);
}

TEST(IhexTest, RecordsOfOtherTypesAreSaid) {
  EXPECT_EQ(AnomaliesOf(kIhex, Text(":020000040000FA\n:0000000AF6\n"
                                    ":01000004AA51\n:00000001FF\n")),
            "ihex.unknown-record ihex.unknown-record");
}

TEST(IhexTest, AnomaliesAndStretchesAreBounded) {
  std::string many = ":020000040000FA\n";
  for (int i = 0; i < 500; ++i) {
    many += fmt::format(":01{:04X}000000\n", 2 * i);
  }
  RecordingSink sink;
  EXPECT_TRUE(Unpack(kIhex, Text(many + ":00000001FF\n"), sink));
  EXPECT_LE(sink.anomalies.size(), 17U);
  EXPECT_EQ(sink.members.size(), 500U);
  RecordingSink few;
  few.set_limits({.entries = 10});
  const auto result = Unpack(kIhex, Text(many + ":00000001FF\n"), few);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kLimit);
}

TEST(IhexTest, AMissingEndIsSaidAfterTheMembers) {
  RecordingSink sink;
  const auto result =
      Unpack(kIhex, Trimmed(kLinear).first(kLinear.size() - 16), sink);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
  EXPECT_EQ(sink.members.size(), 2U);
}

}  // namespace
}  // namespace assay::formats
