#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kGif;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::With;

const Bytes kImage = testing::Sample("formats/gif/comment.hex");

std::string ContentOf(ByteView image) {
  RecordingSink sink;
  EXPECT_TRUE(Unpack(kGif, image, sink));
  std::string content;
  for (const Region& region : sink.regions) {
    if (region.use == RegionUse::kContent) {
      content +=
          AsText(*Slice(image, region.range.offset, region.range.length));
    }
  }
  return content;
}

TEST(GifTest, ReadsWhatNetpbmWrote) {
  testing::ExpectGood(kGif, kImage);
  EXPECT_NE(ContentOf(kImage).find("inert comment of a sample"),
            std::string::npos);
}

// GIF89a, appendix: an image of 1x1 without any color table of its own.
TEST(GifTest, ASubBlockOfTheLargestSizeIsOne) {
  const Bytes head = Hex("474946383961 0100 0100 000000");
  const Bytes image = Hex("2C 0000 0000 0100 0100 00 02 02 4C01 00");
  const Bytes comment =
      Concat(Hex("21FE FF"), Concat(Bytes(255, 'c'), Hex("01 64 00")));
  const Bytes all = Concat(head, Concat(comment, Concat(image, Hex("3B"))));
  testing::ExpectGood(kGif, all);
  EXPECT_EQ(ContentOf(all), std::string(255, 'c') + "d\x4C\x01");
}

TEST(GifTest, EveryPrefixAndFlipIsKept) {
  testing::SweepImage(kGif, kImage);
}

TEST(GifTest, NoProperPrefixIsAnImage) {
  for (std::size_t size = 0; size < kImage.size(); ++size) {
    const auto prefix = ByteView(kImage).first(size);
    EXPECT_FALSE(kGif.measure(prefix)) << size;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kGif, prefix, sink)) << size;
  }
}

// The trick of a header with nothing behind it, in front of a file system.
TEST(GifTest, AHeaderAloneIsNoImage) {
  const Bytes head = Hex("474946383961 0100 0100 000000");
  EXPECT_FALSE(kGif.matches(head));
  EXPECT_FALSE(kGif.matches(Concat(head, AsBytes("hsqs"))));
  EXPECT_FALSE(kGif.measure(Concat(head, Hex("3B"))));
}

TEST(GifTest, WhatContradictsItselfIsNoImage) {
  struct Case {
    std::size_t at;
    std::string_view bytes;
  };
  const std::string_view zero("\0\0", 2);
  for (const Case& wrong : {Case{3, "9"}, Case{4, "8"}, Case{6, zero},
                            Case{8, zero}, Case{0, "J"}}) {
    EXPECT_FALSE(kGif.measure(With(kImage, wrong.at, AsBytes(wrong.bytes))))
        << wrong.at;
  }
  const Bytes outside =
      Hex("474946383961 0100 0100 000000 2C 0000 0000 0200 0100 00 02 02 4C01 "
          "00 3B");
  EXPECT_FALSE(kGif.measure(outside));
  const Bytes code_size =
      Hex("474946383961 0100 0100 000000 2C 0000 0000 0100 0100 00 0C 02 4C01 "
          "00 3B");
  EXPECT_FALSE(kGif.measure(code_size));
  testing::CheckRefusesNoise(kGif, kImage, 13);
}

}  // namespace
}  // namespace assay::formats
