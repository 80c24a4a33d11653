#include <gtest/gtest.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"

namespace assay::formats {

extern const Format kLzip;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Repeat;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/lzip/seq.hex");

TEST(LzipTest, DecodesAndEndsExactly) {
  testing::CheckDecodes(kLzip, kSeq, Seq());
}

TEST(LzipTest, MembersInARowAreOneMember) {
  testing::CheckConcatenates(kLzip, kSeq, Seq());
}

TEST(LzipTest, EveryProperPrefixIsTruncated) {
  testing::CheckPrefixes(kLzip, kSeq, Seq());
}

TEST(LzipTest, NoFlipChangesTheContentUnnoticed) {
  testing::CheckFlips(kLzip, kSeq, Seq());
}

TEST(LzipTest, ABombStopsAtTheLimit) {
  testing::CheckBomb(kLzip, Repeat(Sample("formats/lzip/zeros.hex"), 1024));
}

TEST(LzipTest, RefusesHeadersNoEncoderWrites) {
  EXPECT_TRUE(kLzip.matches(Hex("4c5a4950 01 0c 00")));
  for (const char* header :
       {"4c5a4950 00 0c 00", "4c5a4950 02 0c 00", "4c5a4950 01 0b 00",
        "4c5a4950 01 1e 00", "4c5a4950 01 2c 00", "4c5a4950 01 0c 01",
        "4c5a4950 01 0c", "4c5a4951 01 0c 00"}) {
    EXPECT_FALSE(kLzip.matches(Hex(header))) << header;
  }
}

// The trailer: CRC-32, content size, member size.
TEST(LzipTest, EveryFieldOfTheTrailerIsVerified) {
  for (std::size_t back = 1; back <= 20; ++back) {
    Bytes damaged = kSeq;
    damaged[damaged.size() - back] ^= 1U;
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kLzip, damaged, sink));
    EXPECT_NE(sink.members[0].problem, "") << back;
    EXPECT_FALSE(kLzip.measure(damaged)) << back;
  }
}

TEST(LzipTest, ADamagedSecondMemberKeepsTheFirst) {
  Bytes both = Concat(kSeq, kSeq);
  both.back() ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kLzip, both, sink));
  EXPECT_EQ(AsText(sink.members[0].content), Seq() + Seq());
  EXPECT_NE(sink.members[0].problem, "");
}

}  // namespace
}  // namespace assay::formats
