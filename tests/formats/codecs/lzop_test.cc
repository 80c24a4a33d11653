#include <gtest/gtest.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"

namespace assay::formats {

extern const Format kLzop;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/lzop/seq.hex");  // Adler-32
const Bytes kCrc = Sample("formats/lzop/crc.hex");  // CRC-32
const Bytes kTwo = Sample("formats/lzop/two.hex");

TEST(LzopTest, DecodesAndEndsExactly) {
  testing::CheckDecodes(kLzop, kSeq, Seq());
  testing::CheckDecodes(kLzop, kCrc, Seq());
}

TEST(LzopTest, EveryProperPrefixIsTruncated) {
  testing::CheckPrefixes(kLzop, kSeq, Seq());
}

TEST(LzopTest, NoFlipChangesTheContentUnnoticed) {
  testing::CheckFlips(kLzop, kSeq, Seq());
  testing::CheckFlips(kLzop, kCrc, Seq());
}

TEST(LzopTest, EachFileIsAMemberWithItsNameModeAndTime) {
  for (const std::size_t step : {0UL, 3UL}) {
    RecordingSink sink;
    std::uint64_t consumed = 0;
    const Bytes longer = Concat(kTwo, Hex("00"));
    ASSERT_TRUE(step == 0 ? Unpack(kLzop, longer, sink, &consumed)
                          : UnpackStream(kLzop, longer, sink, step, &consumed));
    EXPECT_EQ(consumed, kTwo.size());
    ASSERT_EQ(sink.members.size(), 2U);
    EXPECT_EQ(sink.members[0].member.name, "seq");
    EXPECT_EQ(AsText(sink.members[0].content), Seq());
    EXPECT_EQ(sink.members[1].member.name, "hello");
    EXPECT_EQ(AsText(sink.members[1].content), "hello\n");
    EXPECT_EQ(sink.members[1].member.meta.mode, 04755U);
    EXPECT_EQ(sink.members[1].member.meta.mtime, 1'000'000'000);
    EXPECT_TRUE(sink.anomalies.empty());
  }
  EXPECT_EQ(kLzop.measure(kTwo).value_or(0), kTwo.size());
}

// A sink that takes no more of one file still gets the next.
TEST(LzopTest, ALimitEndsOneFileOnly) {
  RecordingSink sink;
  sink.set_limits({.member = 100});
  ASSERT_TRUE(Unpack(kLzop, kTwo, sink));
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.members[0].problem, "limit");
  EXPECT_EQ(AsText(sink.members[1].content), "hello\n");
}

TEST(LzopTest, HeadersWhoseChecksumFailsAreNotRecognized) {
  for (std::size_t at = 9; at < 38; ++at) {
    Bytes damaged = kSeq;
    damaged[at] ^= 1U;
    EXPECT_FALSE(kLzop.matches(damaged)) << at;
  }
}

// A block that says it holds more than LZO can pack is not given memory.
TEST(LzopTest, LyingBlockSizesAreErrors) {
  for (const char* sizes : {
           "ffffffff 00000010",  // a split file, which lzop does not write
           "04000001 00100000",  // more than the largest block
           "01000000 00000010",  // more than LZO can pack
           "00000010 00000011",  // packed to more than it holds
           "00000010 00000000",  // packed to nothing
       }) {
    Bytes lying = kSeq;
    const Bytes bytes = Hex(sizes);
    std::copy(bytes.begin(), bytes.end(), lying.begin() + 38);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kLzop, lying, sink));
    ASSERT_EQ(sink.members.size(), 1U);
    EXPECT_NE(sink.members[0].problem, "") << sizes;
    EXPECT_TRUE(sink.members[0].content.empty());
    EXPECT_FALSE(kLzop.measure(lying)) << sizes;
  }
}

}  // namespace
}  // namespace assay::formats
