#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kTe;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::RecordingSink;
using testing::Sample;

const Bytes kImage = Sample("formats/te/cpu-pei.hex");

// Two sections follow the header: 40 + 2 * 40 bytes.
TEST(TeTest, HeadersAreMetadataAndSectionsTheContent) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kTe, kImage, sink, &consumed));
  EXPECT_EQ(consumed, kImage.size());
  EXPECT_TRUE(sink.members.empty());
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_FALSE(sink.regions.empty());
  EXPECT_EQ(sink.regions[0].use, RegionUse::kMetadata);
  EXPECT_EQ(sink.regions[0].range, (Range{0, 40 + kImage[4] * 40U}));
  EXPECT_EQ(sink.regions[1].use, RegionUse::kContent);
  std::string why;
  EXPECT_TRUE(sink.Accounts(kImage.size(), &why)) << why;
}

TEST(TeTest, WhatFollowsTheLastSectionIsNotPartOfIt) {
  const Bytes longer = Concat(kImage, AsBytes("more"));
  EXPECT_EQ(kTe.measure(longer).value_or(0), kImage.size());
}

TEST(TeTest, NoProperPrefixIsRead) {
  for (std::size_t size = 0; size < kImage.size(); size += 7) {
    const ByteView prefix = ByteView(kImage).first(size);
    RecordingSink sink;
    EXPECT_FALSE(kTe.measure(prefix)) << size;
    EXPECT_FALSE(Unpack(kTe, prefix, sink)) << size;
  }
}

TEST(TeTest, AnyDamagedHeaderIsRefusedOrAccountedFor) {
  ForEachFlip(kTe, ByteView(kImage).first(kImage.size()),
              [](const Attempt& attempt) {
                EXPECT_LE(attempt.consumed, kImage.size());
              });
}

TEST(TeTest, OtherBytesAreNotTe) {
  struct Case {
    std::size_t at;
    std::uint8_t value;
  };
  for (const Case& wrong :
       {Case{1, 'M'}, Case{2, 0x4d}, Case{4, 0}, Case{4, 200}, Case{5, 3}}) {
    Bytes other = kImage;
    other[wrong.at] = wrong.value;
    EXPECT_FALSE(kTe.matches(other) && HasMagic(kTe, other)) << wrong.at;
  }
  EXPECT_FALSE(kTe.matches(AsBytes("VZ")));
  EXPECT_FALSE(kTe.matches({}));
}

TEST(TeTest, SectionsThatShareBytesAreReported) {
  Bytes shared = kImage;
  ASSERT_GT(shared[4], 1);
  for (std::size_t i = 0; i < 8; ++i) {  // SizeOfRawData, PointerToRawData
    shared[40 + 40 + 16 + i] = shared[40 + 16 + i];
  }
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kTe, shared, sink));
  EXPECT_TRUE(sink.Saw("te.overlapping-sections"));
}

}  // namespace
}  // namespace assay::formats
