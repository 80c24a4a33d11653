#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kDtbo;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kImage = Sample("formats/dtbo/table.hex");
constexpr std::size_t kEntries = 32;

TEST(DtboTest, GivesEachTreeOnce) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kDtbo, Concat(kImage, Hex("ff")), sink, &consumed));
  EXPECT_EQ(consumed, kImage.size());
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_NE(AsText(sink.Find("dtb0")->content).find("inert"),
            std::string_view::npos);
  EXPECT_NE(AsText(sink.Find("dtb1")->content).find("second"),
            std::string_view::npos);
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kImage.size(), &why)) << why;
  EXPECT_EQ(kDtbo.measure(Concat(kImage, Hex("ff"))).value_or(0),
            kImage.size());
}

TEST(DtboTest, EveryProperPrefixFails) {
  ForEachPrefix(kDtbo, kImage, [&](const Attempt& attempt) {
    EXPECT_FALSE(attempt.ok) << attempt.at;
    EXPECT_FALSE(kDtbo.measure(ByteView(kImage).first(attempt.at)));
  });
}

TEST(DtboTest, EveryFlipIsAccountedFor) {
  ForEachFlip(kDtbo, kImage, [&](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, kImage.size());
  });
}

TEST(DtboTest, TreesThatOverlapAreReported) {
  Bytes image = kImage;
  image[kEntries + 32 + 7] -= 4;  // the second begins in the first
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kDtbo, image, sink));
  EXPECT_TRUE(sink.Saw("dtbo.overlapping-trees"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(DtboTest, TablesThatContradictThemselvesAreRefused) {
  for (const auto& [at, value] : {std::pair<std::size_t, std::uint8_t>{0, 0},
                                  {4, 1},    // more than is there
                                  {7, 40},   // less than the table
                                  {11, 31},  // sizes of header and entry
                                  {15, 31},
                                  {17, 0xff},  // how many entries
                                  {23, 31},    // where they begin
                                  {31, 2},     // version
                                  {kEntries + 1, 1},
                                  {kEntries + 7, 8},
                                  {kEntries + 4, 1}}) {
    Bytes image = kImage;
    image[at] = value;
    EXPECT_FALSE(kDtbo.measure(image)) << at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kDtbo, image, sink)) << at;
  }
}

}  // namespace
}  // namespace assay::formats
