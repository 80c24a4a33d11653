#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kPng;
namespace {

using testing::AnomaliesOf;
using testing::RecordingSink;
using testing::With;

const Bytes kImage = testing::Sample("formats/png/interlaced.hex");
constexpr std::size_t kHeader = 8;  // where IHDR stands

TEST(PngTest, ReadsWhatNetpbmWrote) {
  testing::ExpectGood(kPng, kImage);
}

TEST(PngTest, TextsAndPixelsAreContentAndTheRestIsMetadata) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kPng, kImage, sink));
  std::string content;
  for (const Region& region : sink.regions) {
    if (region.use == RegionUse::kContent) {
      content += AsText(*Slice(kImage, region.range.offset - 4, 4));
      content += ' ';
    } else {
      EXPECT_EQ(region.use, RegionUse::kMetadata);
    }
  }
  EXPECT_EQ(content, "tEXt IDAT ");
}

TEST(PngTest, EveryPrefixAndFlipIsKept) {
  testing::SweepImage(kPng, kImage);
}

TEST(PngTest, EveryFlipShows) {
  testing::CheckDamageShows(kPng, kImage);
}

TEST(PngTest, AWrongCrcIsSaid) {
  EXPECT_EQ(AnomaliesOf(kPng, With(kImage, kImage.size() - 1, AsBytes("x"))),
            "png.crc-mismatch");
}

TEST(PngTest, HeadersThatAreNotIntactAreNoImage) {
  for (const std::size_t at :
       {kHeader + 3, kHeader + 4, kHeader + 8, kHeader + 20, kHeader + 24}) {
    const Bytes other = With(kImage, at, AsBytes("\x7f"));
    EXPECT_FALSE(kPng.matches(other)) << at;
    EXPECT_FALSE(kPng.measure(other)) << at;
  }
  testing::CheckRefusesNoise(kPng, kImage, kHeader);
}

TEST(PngTest, AnImageWithoutItsEndIsTruncated) {
  const auto whole = ByteView(kImage).first(kImage.size() - 12);
  EXPECT_EQ(kPng.measure(whole).error().code, ErrorCode::kTruncated);
  RecordingSink sink;
  EXPECT_EQ(Unpack(kPng, whole, sink).error().code, ErrorCode::kTruncated);
}

TEST(PngTest, ALengthOfFourGibibytesEndsTheImage) {
  const Bytes longer =
      With(kImage, kImage.size() - 12, AsBytes("\xff\xff\xff\xff"));
  EXPECT_FALSE(kPng.measure(longer));
}

}  // namespace
}  // namespace assay::formats
