#include <gtest/gtest.h>
#include <lzma.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"

namespace assay::formats {

extern const Format kLzma;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/lzma/seq.hex");
const Bytes kSized = Sample("formats/lzma/sized.hex");

// `size` zeros, by liblzma.
Bytes PackedZeros(std::size_t size) {
  lzma_options_lzma options = {};
  lzma_lzma_preset(&options, 0);
  lzma_stream state = LZMA_STREAM_INIT;
  EXPECT_EQ(lzma_alone_encoder(&state, &options), LZMA_OK);
  const Bytes zeros(1U << 20U);
  Bytes out(1U << 20U);
  state.next_out = out.data();
  state.avail_out = out.size();
  for (std::size_t done = 0; done < size; done += zeros.size()) {
    state.next_in = zeros.data();
    state.avail_in = zeros.size();
    EXPECT_EQ(lzma_code(&state, LZMA_RUN), LZMA_OK);
  }
  EXPECT_EQ(lzma_code(&state, LZMA_FINISH), LZMA_STREAM_END);
  out.resize(out.size() - state.avail_out);
  lzma_end(&state);
  return out;
}

TEST(LzmaTest, DecodesAndEndsExactly) {
  testing::CheckDecodes(kLzma, kSeq, Seq());
  testing::CheckDecodes(kLzma, kSized, Seq());
}

TEST(LzmaTest, EveryProperPrefixIsTruncated) {
  testing::CheckPrefixes(kLzma, kSeq, Seq());
  testing::CheckPrefixes(kLzma, kSized, Seq());
}

// There is no checksum: a changed byte may change the content, but never
// where it matters for safety, and the end of a stream of known size is only
// where the range coder is at rest.
TEST(LzmaTest, AFlippedByteDoesNoHarmAndTheSameEitherWay) {
  for (std::size_t at = 0; at < kSized.size(); ++at) {
    Bytes damaged = kSized;
    damaged[at] ^= 0x20U;
    RecordingSink sink;
    RecordingSink streamed;
    std::uint64_t consumed = 0;
    std::uint64_t passed = 0;
    (void)Unpack(kLzma, damaged, sink, &consumed);
    (void)UnpackStream(kLzma, damaged, streamed, 5, &passed);
    ASSERT_EQ(sink.members.size(), 1U);
    ASSERT_EQ(streamed.members.size(), 1U);
    EXPECT_EQ(passed, consumed) << at;
    EXPECT_EQ(sink.members[0].problem, streamed.members[0].problem) << at;
    EXPECT_TRUE(sink.members[0].content == streamed.members[0].content);
    const auto size = kLzma.measure(damaged);
    EXPECT_TRUE(!size || *size <= damaged.size());
  }
}

TEST(LzmaTest, ABombStopsAtTheLimit) {
  testing::CheckBomb(kLzma, PackedZeros(300UL << 20U));
}

TEST(LzmaTest, RefusesHeadersNoEncoderWrites) {
  const auto refused = [](std::size_t at, std::string_view hex) {
    Bytes changed = kSized;
    const Bytes bytes = Hex(hex);
    std::copy(bytes.begin(), bytes.end(),
              changed.begin() + static_cast<std::ptrdiff_t>(at));
    return !kLzma.matches(changed);
  };
  EXPECT_FALSE(refused(0, "5d"));
  EXPECT_TRUE(refused(0, "00"));                 // zeros are no LZMA
  EXPECT_TRUE(refused(0, "e1"));                 // past the last properties
  EXPECT_TRUE(refused(0, "08"));                 // lc + lp > 4 with lp
  EXPECT_TRUE(refused(1, "00000000"));           // no dictionary
  EXPECT_TRUE(refused(1, "00001400"));           // 2^20 + 2^18
  EXPECT_FALSE(refused(1, "00001800"));          // 2^20 + 2^19
  EXPECT_TRUE(refused(5, "0000000000000000"));   // no content
  EXPECT_TRUE(refused(5, "0000000040000000"));   // 256 GiB
  EXPECT_TRUE(refused(13, "01"));                // the range coder's first
  EXPECT_TRUE(refused(14, "00000000"));          // what zeros look like
  EXPECT_TRUE(refused(14, "ffffffffffffffff"));  // does not decode
}

TEST(LzmaTest, ZerosBehindAHeaderAreNoStream) {
  Bytes zeros = Hex("5d00008000 0a00000000000000");
  zeros.resize(200);
  EXPECT_FALSE(kLzma.matches(zeros));
  EXPECT_FALSE(kLzma.measure(zeros));
}

TEST(LzmaTest, AHugeDictionaryIsALimit) {
  Bytes huge = kSeq;
  huge[4] = 0x40;  // 1 GiB
  huge[3] = 0;
  ASSERT_TRUE(kLzma.matches(huge));
  const auto size = kLzma.measure(huge);
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, ErrorCode::kLimit);
}

TEST(LzmaTest, ALyingSizeIsAnError) {
  for (const unsigned size : {0xb3U, 0xb5U}) {
    Bytes lying = kSized;
    lying[5] = static_cast<std::uint8_t>(size);
    EXPECT_FALSE(kLzma.measure(lying)) << size;
  }
}

}  // namespace
}  // namespace assay::formats
