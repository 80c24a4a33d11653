#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kJpeg;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;

const Bytes kBaseline = testing::Sample("formats/jpeg/baseline.hex");
const Bytes kProgressive = testing::Sample("formats/jpeg/progressive.hex");

TEST(JpegTest, ReadsWhatLibjpegWrote) {
  testing::ExpectGood(kJpeg, kBaseline);
  testing::ExpectGood(kJpeg, kProgressive);
}

TEST(JpegTest, CommentsAndScansAreContent) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kJpeg, kBaseline, sink));
  std::string content;
  for (const Region& region : sink.regions) {
    if (region.use == RegionUse::kContent) {
      content +=
          AsText(*Slice(kBaseline, region.range.offset, region.range.length));
    }
  }
  EXPECT_NE(content.find("JFIF"), std::string::npos);
  EXPECT_NE(content.find("inert comment of a sample"), std::string::npos);
}

TEST(JpegTest, AScanGoesOnBehindRestartsAndStuffedBytes) {
  testing::ExpectGood(kJpeg, Hex("FFD8 FFE0 0002 FFC0 0002 FFDA 0002"
                                 "11 FFD0 22 FF00 33 FFD7 44 FFD9"));
}

TEST(JpegTest, EveryPrefixAndFlipIsKept) {
  testing::SweepImage(kJpeg, kBaseline);
  testing::SweepImage(kJpeg, kProgressive);
}

TEST(JpegTest, NoProperPrefixIsAnImage) {
  for (const Bytes& image : {kBaseline, kProgressive}) {
    for (std::size_t size = 0; size < image.size(); ++size) {
      const auto prefix = ByteView(image).first(size);
      EXPECT_FALSE(kJpeg.measure(prefix)) << size;
      RecordingSink sink;
      EXPECT_FALSE(Unpack(kJpeg, prefix, sink)) << size;
    }
  }
}

TEST(JpegTest, FillBytesBeforeAMarkerBelongToIt) {
  const Bytes end = Hex("FFFF FFD9");
  const auto body = ByteView(kBaseline).first(kBaseline.size() - 2);
  testing::ExpectGood(kJpeg, Concat(CopyOf(body), end));
}

TEST(JpegTest, SegmentsThatMakeNoImageAreNone) {
  for (const char* other :
       {"FFD8 FFD9",                                      // nothing
        "FFD8 FFE0 0002 FFD9",                            // no frame
        "FFD8 FFE0 0002 FFC0 0002 FFD9",                  // no scan
        "FFD8 FFE0 0002 FFDA 0002 00 FFD9",               // no frame
        "FFD8 FFE0 0001 FFC0 0002 FFDA 0002 00 FFD9",     // a short length
        "FFD8 FFE0 FFFF FFC0 0002 FFDA 0002 00 FFD9",     // a long length
        "FFD8 FFE0 0002 00 FFC0 0002 FFDA 0002 FFD9",     // bytes between
        "FFD8 FF01 0002 FFC0 0002 FFDA 0002 00 FFD9",     // no segment
        "FFD8 FFE0 0002 FFC0 0002 FFDA 0002 00 FFC8",     // reserved
        "FFD9 FFE0 0002 FFC0 0002 FFDA 0002 00 FFD9"}) {  // no start
    const Bytes bytes = Hex(other);
    EXPECT_FALSE(kJpeg.measure(bytes)) << other;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kJpeg, bytes, sink)) << other;
  }
  testing::CheckRefusesNoise(kJpeg, kBaseline, 4);
}

}  // namespace
}  // namespace assay::formats
