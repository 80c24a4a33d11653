#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/support/image_checks.h"
#include "tests/support/volume_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kRar;
namespace {

using testing::Concat;
using testing::Problems;
using testing::PutLe;
using testing::RecordingSink;
using testing::Sample;

const Bytes kOld = Sample("formats/rar/old.hex");
const Bytes kNew = Sample("formats/rar/new.hex");

constexpr std::string_view kSu = "inert: not a program\n";

std::string Numbers() {
  std::string text;
  for (int i = 1; i < 300; ++i) {
    text += std::to_string(i) + "\n";
  }
  return text;
}

std::size_t Find(const Bytes& image, std::string_view text) {
  const std::size_t at = AsText(image).find(text);
  EXPECT_NE(at, std::string_view::npos) << text;
  return at;
}

// Makes the checksum of an old header right again.
void Resign(Bytes& image, std::size_t at) {
  const std::size_t size = *ReadAt<Le16>(image, at + 5);
  PutLe(image, at, Crc32(*Slice(image, at + 2, size - 2)) & 0xFFFFU, 2);
}

// Old headers of files have 32 bytes in front of the name.
std::size_t OldHeader(const Bytes& image, std::string_view name) {
  return Find(image, name) - 32;
}

TEST(RarTest, ReadsOldAndNewArchives) {
  for (const Bytes& image : {kOld, kNew}) {
    RecordingSink sink;
    ASSERT_TRUE(kRar.matches(image));
    EXPECT_EQ(kRar.measure(Concat(image, testing::Hex("0102"))).value_or(0),
              image.size());
    const auto result = Unpack(kRar, image, sink);
    ASSERT_TRUE(result) << result.error().what;
    std::string why;
    EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
    EXPECT_TRUE(sink.anomalies.empty());
    EXPECT_EQ(sink.Find("bin")->member.meta.type, FileType::kDirectory);
    const auto* su = sink.Find("bin/su");
    ASSERT_NE(su, nullptr);
    EXPECT_EQ(AsText(su->content), kSu);
    EXPECT_TRUE(su->member.stored);
    EXPECT_EQ(su->member.meta.mode, 04755U);
    EXPECT_EQ(su->member.meta.mtime, 1'000'000'000);
    EXPECT_EQ(sink.Find("link")->member.meta.type, FileType::kSymlink);
    EXPECT_EQ(sink.Find("link")->member.meta.link_target, "bin/su");
    EXPECT_EQ(AsText(sink.Find("\u03A9")->content), "wide\n");
    EXPECT_EQ(sink.Find("\u03A9")->member.meta.mtime, 1'000'000'000);
    EXPECT_EQ(AsText(sink.Find("packed")->content), Numbers());
    EXPECT_FALSE(sink.Find("packed")->member.stored);
    EXPECT_EQ(
        AsText(sink.Find(image == kOld ? "packed:hidden" : "hashed:hidden")
                   ->content),
        "in a stream\n");
  }
}

TEST(RarTest, OwnersAndHardLinksOfNewArchivesAreKept) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRar, kNew, sink));
  const auto& su = sink.Find("bin/su")->member.meta;
  EXPECT_EQ(su.owner, "user");
  EXPECT_EQ(su.group, "group");
  EXPECT_EQ(su.uid, 1000U);
  EXPECT_EQ(su.gid, 1001U);
  const auto& link = sink.Find("bin/su2")->member.meta;
  EXPECT_EQ(link.type, FileType::kHardLink);
  EXPECT_EQ(link.link_target, "bin/su");
}

TEST(RarTest, AnotherBlake2spIsSaid) {
  Bytes image = kNew;
  const std::size_t at = Find(image, "hashed");
  // The record behind the name: size, type, kind of digest.
  image[at + 6 + 3] ^= 1U;
  const std::size_t header = at - 27;
  const std::size_t size = *ReadAt<std::uint8_t>(image, header + 4);
  PutLe(image, header, Crc32(*Slice(image, header + 4, size + 1)), 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRar, image, sink));
  EXPECT_TRUE(sink.Saw("rar.digest-mismatch"));
  EXPECT_EQ(AsText(sink.Find("hashed")->content), Numbers());
}

TEST(RarTest, WhatCannotBeDecodedIsOpaque) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRar, kOld, sink));
  EXPECT_EQ(sink.Find("ancient")->problem,
            "compression of RAR version 20 unsupported");
  EXPECT_EQ(sink.Find("secret")->problem, "encrypted");
  EXPECT_EQ(sink.Find("next")->problem, "continues in another volume");
  EXPECT_EQ(Problems(sink), 3U);
  RecordingSink newer;
  ASSERT_TRUE(Unpack(kRar, kNew, newer));
  EXPECT_EQ(newer.Find("secret")->problem, "encrypted");
  EXPECT_EQ(newer.Find("next")->problem, "continues in another volume");
  EXPECT_EQ(Problems(newer), 2U);
}

TEST(RarTest, EveryProperPrefixOfANewArchiveFails) {
  testing::CheckVolumePrefixes(kRar, kNew, 1);
}

TEST(RarTest, APrefixOfAnOldArchiveEndsBetweenBlocksOrFails) {
  for (std::size_t size = 0; size < kOld.size(); ++size) {
    RecordingSink sink;
    const ByteView prefix = ByteView(kOld).first(size);
    const auto result = Unpack(kRar, prefix, sink);
    const auto measured = kRar.measure(prefix);
    EXPECT_EQ(measured.has_value(), result.has_value()) << size;
    if (result) {
      std::string why;
      EXPECT_TRUE(sink.Accounts(size, &why)) << size << why;
    }
  }
}

TEST(RarTest, AnyFlipIsReadWithinTheBytes) {
  for (const Bytes& image : {kOld, kNew}) {
    testing::SweepImage(kRar, image, 1);
  }
}

// Every header has a checksum, and every content that is decoded.
TEST(RarTest, AnyFlipOfAHeaderOrOfContentIsSaid) {
  for (const Bytes& image : {kOld, kNew}) {
    for (const std::string_view part : {kSu, std::string_view("bin")}) {
      Bytes damaged = image;
      damaged[Find(image, part) + 1] ^= 0x20U;
      RecordingSink sink;
      const auto result = Unpack(kRar, damaged, sink);
      EXPECT_TRUE(!result || sink.Saw("rar.checksum-mismatch")) << part;
    }
  }
}

TEST(RarTest, RefusesNoise) {
  testing::CheckRefusesNoise(kRar, kOld, 8);
  testing::CheckRefusesNoise(kRar, kNew, 9);
}

TEST(RarTest, AHeaderWithAnotherChecksumIsNotRar) {
  for (const Bytes& image : {kOld, kNew}) {
    Bytes damaged = image;
    damaged[10] ^= 1U;
    EXPECT_FALSE(kRar.matches(damaged));
    EXPECT_FALSE(kRar.measure(damaged));
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kRar, damaged, sink));
  }
}

TEST(RarTest, ContentWithAnotherChecksumIsSaid) {
  Bytes image = kOld;
  const std::size_t at = OldHeader(image, "packed");
  image[at + 16] ^= 1U;  // of the content
  Resign(image, at);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRar, image, sink));
  // The decoder may say it first.
  EXPECT_TRUE(sink.Saw("rar.checksum-mismatch") ||
              !sink.Find("packed")->problem.empty());
}

TEST(RarTest, StoredContentWithTwoSizesIsSaid) {
  Bytes image = kOld;
  const std::size_t at = OldHeader(image, "bin\\su");
  PutLe(image, at + 11, 20, 4);
  Resign(image, at);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRar, image, sink));
  EXPECT_TRUE(sink.Saw("rar.size-mismatch"));
}

TEST(RarTest, PackedSizesThatLieAreTruncated) {
  for (const std::uint64_t size : {0x7FFFFFFFULL, 0xFFFFFFFFULL}) {
    Bytes image = kOld;
    const std::size_t at = OldHeader(image, "packed");
    PutLe(image, at + 7, size, 4);
    Resign(image, at);
    RecordingSink sink;
    EXPECT_EQ(Unpack(kRar, image, sink).error().code, ErrorCode::kTruncated);
    EXPECT_NE(sink.Find("bin/su"), nullptr);  // what is there is given
    EXPECT_EQ(sink.Find("packed")->problem, "cut short");
  }
}

TEST(RarTest, DirectoriesWithDataAreSaid) {
  Bytes image = kOld;
  const std::size_t at = OldHeader(image, "bin\\su");
  PutLe(image, at + 3, 0x80E0, 2);
  Resign(image, at);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRar, image, sink));
  EXPECT_TRUE(sink.Saw("rar.unread-data"));
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(RarTest, ASolidMemberBehindAnOpaqueOneIsOpaque) {
  Bytes image = kOld;
  const std::size_t first = OldHeader(image, "packed");
  PutLe(image, first + 3, 0x8004, 2);  // encrypted
  Resign(image, first);
  const std::size_t second = OldHeader(image, "ancient");
  PutLe(image, second + 3, 0x8010, 2);  // solid
  image[second + 24] = 29;
  Resign(image, second);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRar, image, sink));
  EXPECT_EQ(sink.Find("ancient")->problem,
            "builds on a member that is not decoded");
}

TEST(RarTest, EncryptedHeadersMakeTheRestOpaque) {
  Bytes image = kOld;
  PutLe(image, 7 + 3, 0x80, 2);
  Resign(image, 7);
  EXPECT_TRUE(kRar.matches(image));
  EXPECT_EQ(kRar.measure(image).error().code, ErrorCode::kUnsupported);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kRar, image, sink));
  ASSERT_EQ(sink.members.size(), 1U);
  EXPECT_NE(sink.members[0].problem, "");
  std::string why;
  EXPECT_TRUE(sink.Accounts(image.size(), &why)) << why;
}

TEST(RarTest, DamagedPackedContentIsSaid) {
  for (const Bytes& image : {kOld, kNew}) {
    RecordingSink good;
    ASSERT_TRUE(Unpack(kRar, image, good));
    const Range data = *good.Find("packed")->member.origin;
    for (std::size_t i = 0; i + 8 < data.length; i += 7) {
      Bytes damaged = image;
      damaged[data.offset + i] ^= 4U;
      RecordingSink sink;
      ASSERT_TRUE(Unpack(kRar, damaged, sink));
      const auto* packed = sink.Find("packed");
      // Some bits of the tables are of symbols that are not used.
      EXPECT_TRUE(sink.Saw("rar.checksum-mismatch") ||
                  !packed->problem.empty() ||
                  packed->content == good.Find("packed")->content)
          << i;
    }
  }
}

}  // namespace
}  // namespace assay::formats
