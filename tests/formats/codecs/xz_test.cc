#include <gtest/gtest.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "verifier/formats/codecs/xz_extent.h"

namespace assay::formats {

extern const Format kXz;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Repeat;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/xz/seq.hex");

TEST(XzTest, DecodesAndEndsExactly) {
  testing::CheckDecodes(kXz, kSeq, Seq());
}

TEST(XzTest, StreamsInARowAreOneMember) {
  testing::CheckConcatenates(kXz, kSeq, Seq());
}

TEST(XzTest, EveryProperPrefixIsTruncated) {
  testing::CheckPrefixes(kXz, kSeq, Seq());
}

TEST(XzTest, NoFlipChangesTheContentUnnoticed) {
  testing::CheckFlips(kXz, kSeq, Seq());
}

const Bytes kBlocks = Sample("formats/xz/blocks.hex");

struct Outcome {
  std::string content = {};
  std::string problem = {};
  std::uint64_t consumed = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome Decode(ByteView bytes, std::uint32_t threads,
               std::uint64_t most = 64U << 20U) {
  RecordingSink sink;
  sink.set_limits({.member = most, .decoder_threads = threads});
  Outcome outcome;
  const auto result = Unpack(kXz, bytes, sink, &outcome.consumed);
  if (!result) {
    outcome.problem = result.error().what;
  } else {
    outcome.content = AsText(sink.members.at(0).content);
    outcome.problem = sink.members.at(0).problem;
  }
  return outcome;
}

TEST(XzTest, SeveralBlocksAreOneMember) {
  testing::CheckDecodes(kXz, kBlocks, Seq());
  testing::CheckPrefixes(kXz, kBlocks, Seq());
}

TEST(XzTest, ThreadsDecodeTheSame) {
  const Bytes padded =
      Concat(Concat(kBlocks, Hex("00000000")), Concat(kBlocks, kSeq));
  for (const Bytes& packed : {kBlocks, padded, Concat(padded, Hex("0000"))}) {
    const Outcome one = Decode(packed, 1);
    EXPECT_EQ(one.problem, "");
    EXPECT_EQ(Decode(packed, 3), one);
  }
}

TEST(XzTest, ThreadsFailTheSame) {
  for (std::size_t at = 0; at < kBlocks.size(); ++at) {
    Bytes damaged = Concat(kBlocks, kBlocks);
    damaged[at] ^= 0x10U;
    EXPECT_EQ(Decode(damaged, 2), Decode(damaged, 1)) << "byte " << at;
  }
  for (std::size_t size = 0; size < kBlocks.size(); ++size) {
    const ByteView prefix = ByteView(kBlocks).first(size);
    EXPECT_EQ(Decode(prefix, 2), Decode(prefix, 1)) << "first " << size;
  }
}

// A sink that has had enough finds the input behind the whole stream.
TEST(XzTest, ThreadsStopTheSame) {
  const Bytes packed = Concat(Repeat(kBlocks, 20), Hex("ffff"));
  const Outcome one = Decode(packed, 1, 5000);
  EXPECT_EQ(one.problem, "limit");
  EXPECT_GT(one.consumed, 0U);
  EXPECT_EQ(one.consumed % kBlocks.size(), 0U);
  EXPECT_LT(one.consumed, packed.size());
  EXPECT_EQ(Decode(packed, 2, 5000), one);
}

TEST(XzTest, TheExtentNeedsStatedSizesAndTheWholeStream) {
  EXPECT_EQ(XzStreamExtent(Concat(kBlocks, Hex("00"))), kBlocks.size());
  EXPECT_FALSE(XzStreamExtent(kSeq));  // one thread: no sizes
  for (std::size_t size = 0; size < kBlocks.size(); ++size) {
    EXPECT_FALSE(XzStreamExtent(ByteView(kBlocks).first(size))) << size;
  }
  for (std::size_t at = 0; at < kBlocks.size(); ++at) {
    Bytes damaged = kBlocks;
    damaged[at] ^= 0x80U;
    EXPECT_LE(XzStreamExtent(damaged).value_or(0), damaged.size()) << at;
  }
}

TEST(XzTest, ABombStopsAtTheLimit) {
  testing::CheckBomb(kXz, Repeat(Sample("formats/xz/zeros.hex"), 1024));
}

// The .xz File Format 1.1.0, section 2.2: a multiple of four zeros.
TEST(XzTest, StreamPaddingBelongsToTheStreamThatFollows) {
  const Bytes padded = Concat(kSeq, Concat(Bytes(8), kSeq));
  testing::CheckDecodes(kXz, padded, Seq() + Seq());
  const Bytes odd = Concat(kSeq, Concat(Bytes(7), kSeq));
  EXPECT_EQ(kXz.measure(odd).value_or(0), kSeq.size());
  EXPECT_EQ(kXz.measure(Concat(kSeq, Bytes(8))).value_or(0), kSeq.size());
}

// Check type 5 is reserved (section 2.1.1.2).
TEST(XzTest, AnUnknownCheckIsSaidAfterTheContent) {
  const Bytes unknown = Sample("formats/xz/unknown_check.hex");
  const Outcome outcome = Decode(unknown, 1);
  EXPECT_EQ(outcome.content, Seq());
  EXPECT_NE(outcome.problem.find("unknown type"), std::string::npos)
      << outcome.problem;
}

TEST(XzTest, EveryFlippedHeaderByteIsNotXz) {
  for (std::size_t at = 0; at < 12; ++at) {
    Bytes damaged = kSeq;
    damaged[at] ^= 0x01U;
    EXPECT_FALSE(kXz.matches(damaged)) << at;
  }
}

}  // namespace
}  // namespace assay::formats
