#include <gtest/gtest.h>

#include "tests/support/codec_checks.h"
#include "tests/support/hex.h"

namespace assay::formats {

extern const Format kBzip2;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Repeat;
using testing::Sample;
using testing::Seq;

const Bytes kSeq = Sample("formats/bzip2/seq.hex");

TEST(Bzip2Test, DecodesAndEndsExactly) {
  testing::CheckDecodes(kBzip2, kSeq, Seq());
}

TEST(Bzip2Test, StreamsInARowAreOneMember) {
  testing::CheckConcatenates(kBzip2, kSeq, Seq());
}

TEST(Bzip2Test, EveryProperPrefixIsTruncated) {
  testing::CheckPrefixes(kBzip2, kSeq, Seq());
}

TEST(Bzip2Test, NoFlipChangesTheContentUnnoticed) {
  testing::CheckFlips(kBzip2, kSeq, Seq());
}

TEST(Bzip2Test, ABombStopsAtTheLimit) {
  const Bytes gibibyte = Sample("formats/bzip2/zeros.hex");
  EXPECT_LT(gibibyte.size(), 1000U);
  testing::CheckBomb(kBzip2, gibibyte);
}

// `bzip2 < /dev/null`
TEST(Bzip2Test, AnEmptyStreamIsAStream) {
  testing::CheckDecodes(kBzip2, Hex("425a6839 177245385090 00000000"), "");
}

TEST(Bzip2Test, AMagicWithoutABlockIsNotBzip2) {
  for (const char* head :
       {"425a6830314159265359", "425a6839314159265358", "425a683931415926",
        "425a6930314159265359", "425a6839177245385091"}) {
    EXPECT_FALSE(kBzip2.matches(Hex(head))) << head;
  }
}

}  // namespace
}  // namespace assay::formats
