#include <gtest/gtest.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"

namespace assay::formats {

extern const Format kZstd;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Repeat;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/zstd/seq.hex");

TEST(ZstdTest, DecodesAndEndsExactly) {
  testing::CheckDecodes(kZstd, kSeq, Seq());
}

TEST(ZstdTest, StreamsInARowAreOneMember) {
  testing::CheckConcatenates(kZstd, kSeq, Seq());
}

TEST(ZstdTest, EveryProperPrefixIsTruncated) {
  testing::CheckPrefixes(kZstd, kSeq, Seq());
}

TEST(ZstdTest, NoFlipChangesTheContentUnnoticed) {
  testing::CheckFlips(kZstd, kSeq, Seq());
}

TEST(ZstdTest, ABombStopsAtTheLimit) {
  testing::CheckBomb(kZstd, Repeat(Sample("formats/zstd/zeros.hex"), 1024));
}

// As pzstd writes: a skippable frame with a number in front of each frame.
TEST(ZstdTest, SkippableFramesDoNotSplitTheMember) {
  const Bytes number = Hex("502a4d18 04000000 12345678");
  const Bytes packed =
      Concat(Concat(number, kSeq), Concat(number, Concat(kSeq, number)));
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kZstd, Concat(packed, Hex("00")), sink, &consumed));
  EXPECT_EQ(consumed, packed.size());
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), Seq() + Seq());
  ASSERT_EQ(sink.regions.size(), 1U);
  EXPECT_EQ(sink.regions[0].range, (Range{0, 12}));
  EXPECT_EQ(sink.regions[0].use, RegionUse::kMetadata);
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(kZstd.measure(packed).value_or(0), packed.size());
}

TEST(ZstdTest, DataInSkippableFramesAreReported) {
  const Bytes hidden = Hex("5f2a4d18 05000000 68656c6c6f");
  for (const Bytes& packed : {Concat(hidden, kSeq), Concat(kSeq, hidden)}) {
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kZstd, packed, sink));
    EXPECT_TRUE(sink.Saw("zstd.skippable-data"));
    EXPECT_EQ(sink.anomalies[0].range.length, hidden.size());
  }
}

TEST(ZstdTest, ACutSkippableFrameIsTruncated) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZstd, Concat(kSeq, Hex("502a4d18 ff000000 00")), sink));
  EXPECT_NE(sink.members[0].problem, "");
  EXPECT_FALSE(kZstd.matches(Hex("502a4d18 ffffffff 28b52ffd")));
}

// RFC 8878, section 3.1.1.1: window descriptor 0x90 means 2^28 bytes.
TEST(ZstdTest, AWindowAboveTheLimitIsALimit) {
  const Bytes huge = Hex("28b52ffd 00 90 010000");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kZstd, huge, sink));
  EXPECT_EQ(sink.members[0].problem,
            "zstd: a window above 2^27 bytes at offset 0 of the compressed "
            "data");
  EXPECT_EQ(kZstd.measure(huge).error().code, ErrorCode::kLimit);
}

TEST(ZstdTest, RefusesReservedBitsAndBlocks) {
  EXPECT_TRUE(kZstd.matches(Hex("28b52ffd 00 50 010000")));
  for (const char* head : {"28b52ffd 08 50 010000", "28b52ffd 00 50 070000",
                           "28b52ffd 00 50 0100ff", "28b52ffd 00 50 0100",
                           "28b52ffe 00 50 010000", "28b52ffd"}) {
    EXPECT_FALSE(kZstd.matches(Hex(head))) << head;
  }
}

}  // namespace
}  // namespace assay::formats
