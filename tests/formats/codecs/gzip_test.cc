#include <gtest/gtest.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"

namespace assay::formats {

extern const Format kGzip;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Repeat;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/gzip/seq.hex");

TEST(GzipTest, DecodesAndEndsExactly) {
  testing::CheckDecodes(kGzip, kSeq, Seq());
}

TEST(GzipTest, StreamsInARowAreOneMember) {
  testing::CheckConcatenates(kGzip, kSeq, Seq());
}

TEST(GzipTest, EveryProperPrefixIsTruncated) {
  testing::CheckPrefixes(kGzip, kSeq, Seq());
}

TEST(GzipTest, NoFlipChangesTheContentUnnoticed) {
  testing::CheckFlips(kGzip, kSeq, Seq());
}

TEST(GzipTest, ABombStopsAtTheLimit) {
  testing::CheckBomb(kGzip, Repeat(Sample("formats/gzip/zeros.hex"), 1024));
}

TEST(GzipTest, TheStoredTimeIsKeptAndTheStoredNameIsNot) {
  const Bytes named = Sample("formats/gzip/named.hex");
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGzip, named, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(sink.members[0].member.name, "");
  EXPECT_EQ(sink.members[0].member.meta.mtime, 1'000'000'000);
  testing::CheckDecodes(kGzip, named, Seq());
  RecordingSink unnamed;
  ASSERT_TRUE(Unpack(kGzip, kSeq, unnamed));
  EXPECT_FALSE(unnamed.members[0].member.meta.mtime);
}

// RFC 1952, section 2.3.1: FEXTRA, FNAME, FCOMMENT and FHCRC together.
TEST(GzipTest, ReadsEveryOptionalHeaderField) {
  const Bytes stored = Hex(R"(
      1f8b08 1e 00000000 00 03   # all four fields
      0200 4142                  # FEXTRA of 2 bytes
      6e00 6300                  # name "n", comment "c"
      EEEE                       # CRC-16 of the header, filled in below
      01 0300 fcff 616263        # one stored deflate block
      c2412435 03000000          # CRC-32, length
  )");
  RecordingSink wrong;
  (void)Unpack(kGzip, stored, wrong);
  ASSERT_EQ(wrong.members.size(), 1U);
  EXPECT_NE(wrong.members[0].problem, "");
  Bytes right = stored;
  right[18] = 0xb6;
  right[19] = 0xa1;
  testing::CheckDecodes(kGzip, right, "abc");
}

TEST(GzipTest, RefusesHeadersNoEncoderWrites) {
  for (const char* header : {"1f8b0800000000000003", "1f8b080000000000020d",
                             "1f8b08000000000004ff"}) {
    EXPECT_TRUE(kGzip.matches(Hex(header))) << header;
  }
  for (const char* header :
       {"1f8b0820000000000003", "1f8b0700000000000003", "1f8b0800000000000103",
        "1f8b080000000000000e", "1f8b08000000000000", "1f8a0800000000000003"}) {
    EXPECT_FALSE(kGzip.matches(Hex(header))) << header;
  }
}

// The magic of a further member alone does not make one.
TEST(GzipTest, LeavesZerosAndOtherDataToTheCaller) {
  for (const char* tail : {"00000000", "1f8b08ff000000000003", "1f8b"}) {
    EXPECT_EQ(kGzip.measure(Concat(kSeq, Hex(tail))).value_or(0), kSeq.size())
        << tail;
  }
}

TEST(GzipTest, ADamagedSecondMemberKeepsTheFirst) {
  Bytes both = Concat(kSeq, kSeq);
  both.back() ^= 1U;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGzip, both, sink));
  EXPECT_EQ(AsText(sink.members[0].content), Seq() + Seq());
  EXPECT_EQ(sink.members[0].problem,
            "gzip: CRC-32 or length mismatch at offset 698 of the compressed "
            "data");
}

}  // namespace
}  // namespace assay::formats
