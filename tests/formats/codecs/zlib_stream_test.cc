#include <gtest/gtest.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"

namespace assay::formats {

extern const Format kZlibStream;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/zlib_stream/seq.hex");

TEST(ZlibStreamTest, DecodesAndEndsExactly) {
  testing::CheckDecodes(kZlibStream, kSeq, Seq());
}

TEST(ZlibStreamTest, AStreamBehindItIsNotPartOfIt) {
  EXPECT_EQ(kZlibStream.measure(Concat(kSeq, kSeq)).value_or(0), kSeq.size());
}

// Recognized only when it decodes to its checksum.
TEST(ZlibStreamTest, NoProperPrefixIsRecognized) {
  testing::CheckPrefixes(kZlibStream, kSeq, Seq());
  for (std::size_t size = 0; size < kSeq.size(); ++size) {
    EXPECT_FALSE(kZlibStream.matches(ByteView(kSeq).first(size))) << size;
  }
}

TEST(ZlibStreamTest, NoFlipChangesTheContentUnnoticed) {
  testing::CheckFlips(kZlibStream, kSeq, Seq());
}

TEST(ZlibStreamTest, StopsWithItsSink) {
  const Bytes zeros = Sample("formats/zlib_stream/zeros.hex");
  RecordingSink sink;
  sink.set_limits({.member = 100'000});
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kZlibStream, zeros, sink, &consumed));
  EXPECT_EQ(sink.members[0].problem, "limit");
  EXPECT_LT(consumed, zeros.size());
}

TEST(ZlibStreamTest, RefusesWhatProvesNothing) {
  for (const char* bytes : {
           "78", "789c",
           "789c 030000000001",            // nothing in it
           "789c 4b4c4a0600024d0127",      // "abc": too little
           "789d 4b4c4a0600024d0127",      // the header's check
           "78bb 00000001 030000000001",   // a preset dictionary
           "885c 030000000001",            // a window of 64 KiB
           "785e 32202b20782b31203d2030",  // text: "x^2 + x+1 = 0"
       }) {
    EXPECT_FALSE(kZlibStream.matches(Hex(bytes))) << bytes;
  }
}

TEST(ZlibStreamTest, EveryCarvedMagicIsAHeader) {
  for (const Magic& magic : kZlibStream.carve_magics) {
    ASSERT_EQ(magic.bytes.size(), 4U);
    const auto flags = static_cast<std::uint8_t>(magic.bytes[1]);
    EXPECT_EQ((0x78U * 256U + flags) % 31, 0U);
  }
}

}  // namespace
}  // namespace assay::formats
