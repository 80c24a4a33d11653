#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/wrapper_checks.h"

namespace assay::formats {

extern const Format kSrec;
namespace {

using testing::AnomaliesOf;
using testing::RecordingSink;
using testing::Sample;

const Bytes kLong = Sample("formats/srec/s3.hex");

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

TEST(SrecTest, GivesEachStretchOfMemoryInEveryAddressSize) {
  for (const char* name : {"s1", "s2", "s3"}) {
    testing::CheckParts(
        kSrec, Sample(fmt::format("formats/srec/{}.hex", name)),
        {{"0x00001000", Numbers(1, 60)}, {"0x00008000", Numbers(1000, 1020)}});
  }
}

TEST(SrecTest, DamageShows) {
  ByteView trimmed = kLong;
  while (trimmed.back() == '\n' || trimmed.back() == '\r') {
    trimmed = trimmed.first(trimmed.size() - 1);
  }
  testing::CheckDamageShows(kSrec, trimmed);
}

TEST(SrecTest, OtherTextIsNotSrec) {
  testing::CheckRefusesNoise(kSrec, kLong, 10);
  for (const char* text : {"S", "S1", "S0030000FB\n", "S4030000FC\n",
                           "SA030000FC\n", "Subject: x\n", "S9030000FC\n",
                           "S00400000FC\n", "S0030000FC\nhello\nhello\n"}) {
    EXPECT_FALSE(kSrec.matches(Text(text))) << text;
  }
  EXPECT_TRUE(kSrec.matches(Text("S0030000FC\n")));
  EXPECT_TRUE(kSrec.matches(Text("S0030000fc\r\nS9030000FC\r\n")));
}

TEST(SrecTest, WrongSumsAndCountsAreSaid) {
  EXPECT_EQ(AnomaliesOf(kSrec, Text("S0030000FC\nS104000061"
                                    "9B\n"
                                    "S5030001FB\nS9030000FC\n")),
            "srec.checksum-mismatch");
  EXPECT_EQ(AnomaliesOf(kSrec, Text("S0030000FC\nS104000061"
                                    "9A\n"
                                    "S5030002FA\nS9030000FC\n")),
            "srec.size-mismatch");
}

TEST(SrecTest, MemoryFilledTwiceIsSaid) {
  EXPECT_EQ(AnomaliesOf(kSrec, Text("S104000061"
                                    "9A\nS104000062"
                                    "99\n"
                                    "S9030000FC\n")),
            "srec.overlapping-data");
}

TEST(SrecTest, OtherLinesAreSlack) {
  RecordingSink sink;
  const Bytes noted = Text("S0030000FC\nnot a record\nS9030000FC\n");
  ASSERT_TRUE(Unpack(kSrec, noted, sink));
  ASSERT_EQ(sink.regions.size(), 3U);
  EXPECT_EQ(sink.regions[1].use, RegionUse::kSlack);
}

TEST(SrecTest, AMissingStartAddressIsSaid) {
  const auto result = [] {
    RecordingSink sink;
    return Unpack(kSrec,
                  Text("S0030000FC\nS104000061"
                       "9A\n"),
                  sink);
  }();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTruncated);
}

}  // namespace
}  // namespace assay::formats
