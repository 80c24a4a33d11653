#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kUimage;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordingSink;
using testing::Sample;

const Bytes kImage = Sample("formats/uimage/abc.hex");

TEST(UimageTest, EndsAtThePayloadNotAtTheInput) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const Bytes longer = Concat(kImage, Hex("FFFF"));
  const auto result = Unpack(kUimage, longer, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kImage.size());
  EXPECT_EQ(kUimage.measure(longer).value_or(0), kImage.size());
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), "abc");
  std::string why;
  EXPECT_TRUE(sink.Accounts(kImage.size(), &why)) << why;
  EXPECT_TRUE(sink.anomalies.empty());
}

TEST(UimageTest, EveryProperPrefixFails) {
  for (std::size_t size = 0; size < kImage.size(); ++size) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kUimage, ByteView(kImage).first(size), sink)) << size;
  }
}

TEST(UimageTest, EveryFlippedByteIsNoticed) {
  for (std::size_t at = 0; at < kImage.size(); ++at) {
    Bytes damaged = kImage;
    damaged[at] ^= 0x01;
    RecordingSink sink;
    const auto result = Unpack(kUimage, damaged, sink);
    EXPECT_TRUE(!HasMagic(kUimage, damaged) || !result ||
                !sink.anomalies.empty())
        << "byte " << at;
  }
}

TEST(UimageTest, ReadsTheSameFromAStream) {
  RecordingSink sink;
  ASSERT_TRUE(UnpackStream(kUimage, kImage, sink, 7));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_EQ(AsText(sink.members[0].content), "abc");
}

}  // namespace
}  // namespace assay::formats
