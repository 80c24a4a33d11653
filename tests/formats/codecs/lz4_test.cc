#include <gtest/gtest.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"

namespace assay::formats {

extern const Format kLz4;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Repeat;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/lz4/seq.hex");

TEST(Lz4Test, DecodesAndEndsExactly) {
  testing::CheckDecodes(kLz4, kSeq, Seq());
}

TEST(Lz4Test, StreamsInARowAreOneMember) {
  testing::CheckConcatenates(kLz4, kSeq, Seq());
}

TEST(Lz4Test, EveryProperPrefixIsTruncated) {
  testing::CheckPrefixes(kLz4, kSeq, Seq());
}

TEST(Lz4Test, NoFlipChangesTheContentUnnoticed) {
  testing::CheckFlips(kLz4, kSeq, Seq());
}

const Bytes kLegacy = Sample("formats/lz4/legacy.hex");

TEST(Lz4Test, DecodesLegacyFrames) {
  testing::CheckDecodes(kLz4, kLegacy, Seq());
  testing::CheckConcatenates(kLz4, kLegacy, Seq());
  testing::CheckPrefixes(kLz4, kLegacy, Seq());
  testing::CheckDecodes(kLz4, Concat(kLegacy, kSeq), Seq() + Seq());
}

// They have no checksum: nothing but decoding without a fault is promised.
TEST(Lz4Test, DamagedLegacyFramesAreReadWithinTheirBytes) {
  for (std::size_t at = 0; at < kLegacy.size(); ++at) {
    Bytes damaged = kLegacy;
    damaged[at] ^= 0x80U;
    RecordingSink sink;
    std::uint64_t consumed = 0;
    (void)Unpack(kLz4, damaged, sink, &consumed);
    EXPECT_LE(consumed, damaged.size()) << at;
  }
}

// A kernel's image appends its own size, which no block could have had.
TEST(Lz4Test, ALegacyFrameEndsWithItsFirstShortBlock) {
  for (const char* tail : {"00000000", "bc020000", "ffffffff", "02214c18"}) {
    EXPECT_EQ(kLz4.measure(Concat(kLegacy, Hex(tail))).value_or(0),
              kLegacy.size())
        << tail;
  }
}

TEST(Lz4Test, ABombStopsAtTheLimit) {
  testing::CheckBomb(kLz4, Repeat(Sample("formats/lz4/zeros.hex"), 1024));
}

TEST(Lz4Test, SkippableFramesDoNotSplitTheMember) {
  const Bytes hidden = Hex("532a4d18 05000000 68656c6c6f");
  const Bytes packed = Concat(Concat(hidden, kSeq), Concat(hidden, kLegacy));
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(UnpackStream(kLz4, packed, sink, 3, &consumed));
  EXPECT_EQ(consumed, packed.size());
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), Seq() + Seq());
  ASSERT_EQ(sink.regions.size(), 1U);
  EXPECT_EQ(sink.regions[0].range, (Range{0, hidden.size()}));
  ASSERT_TRUE(sink.Saw("lz4.skippable-data"));
  EXPECT_EQ(sink.anomalies[0].detail,
            "2 skippable frames hold 10 bytes that no decoder reads; the "
            "first is here");
}

TEST(Lz4Test, AWrongDescriptorIsNotLz4) {
  for (std::size_t at = 0; at < 7; ++at) {
    Bytes damaged = kSeq;
    damaged[at] ^= 0x40U;
    EXPECT_FALSE(kLz4.matches(damaged)) << at;
  }
  EXPECT_FALSE(kLz4.matches(Hex("02214c18 00000000")));
  EXPECT_FALSE(kLz4.matches(Hex("02214c18 ffffff7f")));
}

}  // namespace
}  // namespace assay::formats
