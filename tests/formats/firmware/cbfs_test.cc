#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kCbfs;
namespace {

using testing::Attempt;
using testing::Concat;
using testing::ForEachFlip;
using testing::ForEachPrefix;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kRegion = Sample("formats/cbfs/region.hex");
constexpr std::size_t kEnd = 5116;  // of the free space; 4 bytes follow

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 200; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

std::string ContentOf(const RecordingSink& sink, const std::string& name) {
  const RecordedMember* const member = sink.Find(name);
  return member == nullptr ? "(none)" : std::string(AsText(member->content));
}

TEST(CbfsTest, FilesAreDecoded) {
  RecordingSink sink;
  std::uint64_t consumed = 0;
  const auto result = Unpack(kCbfs, kRegion, sink, &consumed);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(consumed, kEnd);
  EXPECT_EQ(kCbfs.measure(kRegion).value_or(0), kEnd);
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kEnd, &why)) << why;
  EXPECT_EQ(sink.members.size(), 4U);
  EXPECT_EQ(ContentOf(sink, "numbers"), Numbers());
  EXPECT_EQ(ContentOf(sink, "config"), "config\n");
  EXPECT_EQ(ContentOf(sink, "fallback/payload/segment0"), Numbers());
  EXPECT_EQ(ContentOf(sink, "deep/lz4").substr(0, 4), "\x04\x22\x4d\x18");
}

TEST(CbfsTest, WhatHidesInFreeSpaceIsReported) {
  Bytes hiding = kRegion;
  hiding[5000] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCbfs, hiding, sink));
  EXPECT_TRUE(sink.Saw("cbfs.hidden-data"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(kEnd, &why)) << why;
}

TEST(CbfsTest, AnUnknownCompressionIsOpaque) {
  Bytes other = kRegion;
  const std::string_view tag = "BCZL";
  const auto at =
      std::search(other.begin(), other.end(), tag.begin(), tag.end());
  ASSERT_NE(at, other.end());
  *(at + 11) = 7;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kCbfs, other, sink));
  EXPECT_NE(sink.Find("numbers")->problem, "");
  EXPECT_FALSE(sink.Find("numbers")->has_content);
}

// One file: header, the name "a", 8 bytes of padding in all.
Bytes OneFile(std::string_view type, const Bytes& data) {
  Bytes file = CopyOf(AsBytes("LARCHIVE"));
  const auto size = static_cast<std::uint8_t>(data.size());
  file = Concat(file, Bytes{0, 0, 0, size});
  file = Concat(file, Hex(type));
  file = Concat(file, Hex("00000000 00000020 61 00 00 00 00 00 00 00"));
  return Concat(file, data);
}

TEST(CbfsTest, AnOldStageHasAHeaderOfItsOwn) {
  const Bytes stage = Hex(
      "00000000 0000000000000000 0000000000000000 04000000 04000000 61626364");
  RecordingSink sink;
  const Bytes file = OneFile("00000010", stage);
  ASSERT_TRUE(Unpack(kCbfs, file, sink));
  EXPECT_EQ(ContentOf(sink, "a"), "abcd");
  std::string why;
  EXPECT_TRUE(sink.Accounts(file.size(), &why)) << why;
}

TEST(CbfsTest, SegmentsThatOverlapOrEndOutsideAreReported) {
  const std::string entry =
      "454e5452 00000000 00000000 0000000000000000 00000000 00000000";
  for (const char* place : {"00000010", "00000038 ", "ffffffff"}) {
    for (const char* length : {"00000008", "ffffffff"}) {
      const Bytes payload =
          Hex(std::string("434f4445 00000000 ") + place + " 0000000000000000 " +
              length + " 00000004 " + entry + "61626364");
      RecordingSink sink;
      const Bytes file = OneFile("00000020", payload);
      ASSERT_TRUE(Unpack(kCbfs, file, sink));
      EXPECT_TRUE(sink.Saw("cbfs.overlapping-segments"));
      EXPECT_TRUE(sink.members.empty());
      std::string why;
      EXPECT_TRUE(sink.Accounts(file.size(), &why)) << why;
    }
  }
}

TEST(CbfsTest, EveryPrefixFailsOrEndsWithAFile) {
  ForEachPrefix(kCbfs, kRegion, [](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, attempt.at);
  });
  RecordingSink sink;  // in the middle of the first file
  EXPECT_FALSE(Unpack(kCbfs, ByteView(kRegion).first(100), sink));
}

TEST(CbfsTest, EveryFlipIsAccountedFor) {
  ForEachFlip(kCbfs, ByteView(kRegion).first(1024), [](const Attempt& attempt) {
    EXPECT_LE(attempt.consumed, 1024U);
  });
}

TEST(CbfsTest, OtherBytesAreNoFile) {
  EXPECT_TRUE(kCbfs.matches(kRegion));
  Bytes other = kRegion;
  other[20] = 1;  // a head of 16 MiB
  EXPECT_FALSE(kCbfs.matches(other));
  other = kRegion;
  other[23] = 8;  // data in the header
  EXPECT_FALSE(kCbfs.matches(other));
  other = kRegion;
  other[12] = 0x7f;  // an unknown type
  EXPECT_FALSE(kCbfs.matches(other));
  EXPECT_FALSE(kCbfs.matches(AsBytes("LARCHIVE")));
  EXPECT_FALSE(kCbfs.matches({}));
}

}  // namespace
}  // namespace assay::formats
