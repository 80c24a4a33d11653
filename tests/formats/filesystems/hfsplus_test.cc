#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/volume_checks.h"
#include "tests/support/wrapper_checks.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kHfsplus;
namespace {

using testing::ExpectedFile;
using testing::RecordingSink;
using testing::Sample;

const Bytes kPlain = Sample("formats/hfsplus/plain.hex");
const Bytes kCased = Sample("formats/hfsplus/cased.hex");
constexpr std::size_t kHeader = 1024;
constexpr std::size_t kBlock = 512;

const ExpectedFile kFiles[] = {
    {".", FileType::kDirectory, 01777, 10, 20},
    {"etc", FileType::kDirectory, 0750, 10, 20},
    {"etc/a:b \u00fc \U0001f600", FileType::kRegular, 0644, 10, 20},
    {"etc/console", FileType::kCharDevice, 0600, 10, 20, 5, 1},
    {"etc/disk", FileType::kBlockDevice, 0600, 10, 20, 8, 17},
    {"etc/empty", FileType::kRegular, 0644, 10, 20},
    {"etc/link", FileType::kSymlink, 0777, 10, 20, 0, 0, "../su"},
    {"etc/one", FileType::kRegular, 0644, 10, 20},
    {"etc/two", FileType::kHardLink, 0644, 10, 20, 0, 0, "etc/one"},
    {"etc/pieces", FileType::kRegular, 0644, 10, 20},
    {"etc/pipe", FileType::kFifo, 0644, 10, 20},
    {"su", FileType::kRegular, 04755, 10, 20},
    {"packed", FileType::kRegular, 0644, 10, 20},
};

void PutBe(Bytes& bytes, std::size_t at, std::uint64_t value,
           std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    bytes[at + size - 1 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

// The same in both headers.
Bytes WithHeader(std::size_t at, std::uint64_t value, std::size_t size) {
  Bytes image = kPlain;
  PutBe(image, kHeader + at, value, size);
  PutBe(image, image.size() - kHeader + at, value, size);
  return image;
}

std::string Utf16(std::string_view ascii) {
  std::string text;
  for (const char c : ascii) {
    text += {'\0', c};
  }
  return text;
}

// Where the record of a file or folder of that name begins: its key ends with
// the name.
std::size_t RecordOf(const Bytes& image, std::string_view name) {
  const std::string key =
      std::string("\0", 1) + static_cast<char>(name.size()) + Utf16(name);
  for (const char* type : {"\x02", "\x01"}) {
    const std::size_t at =
        AsText(image).find(key + std::string("\0", 1) + type);
    if (at != std::string_view::npos) {
      return at + key.size();
    }
  }
  ADD_FAILURE() << name;
  return 0;
}
constexpr std::size_t kId = 8;
constexpr std::size_t kMode = 42;
constexpr std::size_t kSpecial = 44;
constexpr std::size_t kDataFork = 88;
constexpr std::size_t kBlocks = kDataFork + 12;
constexpr std::size_t kFirstExtent = kDataFork + 16;

// What is read; every byte must have one owner.
class Reading : public RecordingSink {
 public:
  explicit Reading(const Bytes& image) {
    const auto result = Unpack(kHfsplus, image, *this);
    std::string why;
    EXPECT_TRUE(!result || Accounts(image.size(), &why)) << why;
  }
};

TEST(HfsplusTest, ReadsBothKinds) {
  for (const Bytes& image : {kPlain, kCased}) {
    RecordingSink sink;
    CheckVolume(kHfsplus, image, kFiles, sink);
    EXPECT_EQ(sink.members.size(), 19U);
    EXPECT_EQ(sink.Find("su")->member.meta.mtime, 1'000'000'000);
    EXPECT_EQ(AsText(sink.Find("su")->content), "inert: not a program\n");
    EXPECT_EQ(AsText(sink.Find("etc/one")->content), "shared\n");
    EXPECT_EQ(AsText(sink.Find("forked")->content), "data fork\n");
    EXPECT_EQ(AsText(sink.Find("forked:rsrc")->content), "resource fork\n");
    std::string pieces;
    for (int i = 0; i < 12; ++i) {
      pieces += "piece " + std::to_string(i) + "\n";
      pieces.resize(kBlock * static_cast<std::size_t>(i + 1));
    }
    EXPECT_EQ(AsText(sink.Find("etc/pieces")->content), pieces + "end");
  }
}

TEST(HfsplusTest, CompressedFilesAreDecompressed) {
  const Reading sink(kPlain);
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "compressed line\n";
  }
  EXPECT_EQ(AsText(sink.Find("packed")->content), text);
  EXPECT_EQ(AsText(sink.Find("stored")->content), "plain");
  std::string large;
  for (int i = 0; i < 5000; ++i) {
    large += "long compressed line\n";
  }
  EXPECT_EQ(AsText(sink.Find("large")->content), large);
  std::string small;
  for (int i = 0; i < 40; ++i) {
    small += "a line for lzvn.a line for lzvn\n";
  }
  EXPECT_EQ(AsText(sink.Find("lzvn")->content), small);
  std::string forked;
  for (int i = 0; i < 2049; ++i) {
    forked += std::string(16, '-') + "a line of lzvn.\n";
  }
  EXPECT_EQ(AsText(sink.Find("lzvn-fork")->content), forked);
}

TEST(HfsplusTest, OtherCompressionsAreOpaque) {
  Bytes image = kPlain;
  const std::size_t at = AsText(image).find("fpmc");
  image[at + 4] = 12;
  const Reading sink(image);
  EXPECT_EQ(testing::Problems(sink), 1U);
  EXPECT_EQ(sink.Find("packed")->problem, "decmpfs type 12 is not decoded");
}

TEST(HfsplusTest, AttributesAreKept) {
  std::string value;
  for (int i = 0; i < 100; ++i) {
    value += "long value\n";
  }
  const Reading sink(kPlain);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"user.long", value}, {"user.note", "inline value"}};
  EXPECT_EQ(sink.Find("su")->member.meta.xattrs, expected);
  const auto& odd = sink.Find("etc/a:b \u00fc \U0001f600")->member.meta;
  ASSERT_EQ(odd.xattrs.size(), 1U);
  EXPECT_EQ(odd.xattrs[0].first, "com.apple.FinderInfo");
  EXPECT_EQ(odd.xattrs[0].second, "TEXTttxt" + std::string(24, '\0'));
}

TEST(HfsplusTest, EveryProperPrefixFails) {
  testing::CheckVolumePrefixes(kHfsplus, kPlain, 61);
  testing::CheckVolumePrefixes(kHfsplus, kCased, 97);
}

TEST(HfsplusTest, AnyFlipIsReadWithinTheBytes) {
  testing::CheckVolumeFlips(kHfsplus, kPlain, 1);
  testing::CheckVolumeFlips(kHfsplus, kCased, 3);
}

TEST(HfsplusTest, RefusesNoise) {
  testing::CheckRefusesNoise(kHfsplus, kPlain, kHeader + 4);
}

TEST(HfsplusTest, HeadersThatContradictThemselvesAreNone) {
  struct Case {
    std::size_t at;
    std::uint64_t value;
    std::size_t size;
  };
  for (const Case& wrong :
       std::initializer_list<Case>{{0, 0x4244, 2},  // HFS
                                   {2, 5, 2},       // the version of HFSX
                                   {40, 0, 4},      // block size
                                   {40, 256, 4},
                                   {40, 768, 4},
                                   {40, 1U << 30U, 4},
                                   {44, 0, 4},           // blocks
                                   {48, 0xFFFFFFFF, 4},  // free ones
                                   {64, 2, 4},           // next number
                                   {272, 0, 8},          // size of the catalog
                                   {272, 1ULL << 40U, 8},
                                   {284, 0, 4}}) {
    const Bytes image = WithHeader(wrong.at, wrong.value, wrong.size);
    EXPECT_FALSE(kHfsplus.matches(image)) << wrong.at;
    EXPECT_FALSE(kHfsplus.measure(image)) << wrong.at;
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kHfsplus, image, sink)) << wrong.at;
  }
}

TEST(HfsplusTest, TheOtherHeaderProvesTheEnd) {
  Bytes image = kPlain;
  image[image.size() - kHeader] = 'X';
  EXPECT_FALSE(kHfsplus.measure(image));
  EXPECT_TRUE(Reading(image).Saw("hfsplus.no-backup-header"));
}

TEST(HfsplusTest, AVolumeThatGoesOnBehindTheInputIsTruncated) {
  const Bytes image = WithHeader(44, 4000, 4);
  EXPECT_EQ(kHfsplus.measure(image).error().code, ErrorCode::kTruncated);
  RecordingSink sink;
  EXPECT_EQ(Unpack(kHfsplus, image, sink).error().code, ErrorCode::kTruncated);
  EXPECT_NE(sink.Find("su"), nullptr);
}

TEST(HfsplusTest, TreesThatCannotBeReadAreDamage) {
  const std::size_t catalog = *ReadAt<Be32>(kPlain, kHeader + 272 + 16);
  for (const auto& [at, value] :
       {std::pair(8U, 0U), {32U, 0x100U}, {32U, 0x0300U}, {10U, 0xFFFFU}}) {
    Bytes image = kPlain;
    PutBe(image, catalog * kBlock + at, value, at == 8U ? 1 : 2);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kHfsplus, image, sink)) << at;
  }
}

TEST(HfsplusTest, NodesInACircleEnd) {
  const std::size_t catalog = *ReadAt<Be32>(kPlain, kHeader + 272 + 16);
  const std::size_t root = *ReadAt<Be32>(kPlain, catalog * kBlock + 14 + 2);
  Bytes image = kPlain;
  // The first record of the root leads to the root.
  const std::size_t at = catalog * kBlock + root * 1024;
  const std::size_t key = *ReadAt<Be16>(image, at + 14);
  PutBe(image, at + 14 + 2 + (key + 1) / 2 * 2, root, 4);
  EXPECT_TRUE(Reading(image).Saw("hfsplus.bad-tree"));
  // And the list of leaves to itself.
  image = kPlain;
  PutBe(image, catalog * kBlock + 1024, 1, 4);
  EXPECT_TRUE(Reading(image).Saw("hfsplus.bad-tree"));
}

TEST(HfsplusTest, AnotherNumberOfRecordsIsSaid) {
  const std::size_t catalog = *ReadAt<Be32>(kPlain, kHeader + 272 + 16);
  Bytes image = kPlain;
  PutBe(image, catalog * kBlock + 14 + 6, 1000, 4);
  EXPECT_TRUE(Reading(image).Saw("hfsplus.bad-tree"));
}

TEST(HfsplusTest, BlocksOfTwoFilesAreSaid) {
  Bytes image = kPlain;
  PutBe(image, RecordOf(image, "forked") + kFirstExtent,
        *ReadAt<Be32>(image, RecordOf(image, "su") + kFirstExtent), 4);
  EXPECT_TRUE(Reading(image).Saw("hfsplus.overlapping-blocks"));
}

TEST(HfsplusTest, ExtentsThatLeaveTheVolumeAreSaid) {
  Bytes image = kPlain;
  PutBe(image, RecordOf(image, "su") + kFirstExtent, 0xFFFFFFF0, 4);
  const Reading sink(image);
  EXPECT_TRUE(sink.Saw("hfsplus.bad-map"));
  EXPECT_NE(sink.Find("su")->problem, "");
}

TEST(HfsplusTest, SizesThatLieAreSaid) {
  for (const std::uint64_t size : {1ULL << 20U, ~0ULL}) {
    Bytes image = kPlain;
    PutBe(image, RecordOf(image, "su") + kDataFork, size, 8);
    EXPECT_TRUE(Reading(image).Saw("hfsplus.bad-map"));
    PutBe(image, RecordOf(image, "link") + kDataFork, size, 8);
    EXPECT_NE(Reading(image).Find("etc/link")->problem, "");
  }
  Bytes image = kPlain;
  PutBe(image, RecordOf(image, "pieces") + kBlocks, 100, 4);
  EXPECT_TRUE(Reading(image).Saw("hfsplus.bad-map"));
}

TEST(HfsplusTest, ALinkToNoFileIsSaid) {
  Bytes image = kPlain;
  PutBe(image, RecordOf(image, "two") + kSpecial, 78, 4);
  const Reading sink(image);
  EXPECT_TRUE(sink.Saw("hfsplus.broken-link"));
  EXPECT_TRUE(sink.Saw("hfsplus.link-count"));
}

TEST(HfsplusTest, WhatNoFolderLeadsToIsGiven) {
  Bytes image = kPlain;
  for (const char* name : {"one", "two"}) {
    PutBe(image, RecordOf(image, name) + 48, 0, 8);  // no link any more
  }
  const std::size_t file = RecordOf(image, "iNode77");
  const Reading sink(image);
  EXPECT_TRUE(sink.Saw("hfsplus.unlisted-file"));
  const std::string name =
      "#" + std::to_string(*ReadAt<Be32>(image, file + kId));
  ASSERT_NE(sink.Find(name), nullptr);
  EXPECT_EQ(AsText(sink.Find(name)->content), "shared\n");

  image = kPlain;  // a folder with another number loses its files
  PutBe(image, RecordOf(image, "etc") + kId, 9999, 4);
  const Reading lost(image);
  EXPECT_TRUE(lost.Saw("hfsplus.unlisted-file"));
  EXPECT_EQ(lost.members.size(), 19U);
}

TEST(HfsplusTest, RepeatedNumbersAreSaid) {
  Bytes image = kPlain;
  PutBe(image, RecordOf(image, "forked") + kId,
        *ReadAt<Be32>(image, RecordOf(image, "su") + kId), 4);
  const Reading sink(image);
  EXPECT_TRUE(sink.Saw("hfsplus.repeated-id"));
  EXPECT_EQ(AsText(sink.Find("forked")->content), "data fork\n");
}

TEST(HfsplusTest, AModeOfAnotherTypeIsSaid) {
  Bytes image = kPlain;
  PutBe(image, RecordOf(image, "su") + kMode, 040755, 2);
  const Reading sink(image);
  EXPECT_TRUE(sink.Saw("hfsplus.type-mismatch"));
  EXPECT_EQ(AsText(sink.Find("su")->content), "inert: not a program\n");
}

TEST(HfsplusTest, WithoutAModeThereIsNone) {
  Bytes image = kPlain;
  PutBe(image, RecordOf(image, "su") + kMode, 0, 2);
  EXPECT_FALSE(Reading(image).Find("su")->member.meta.mode);
}

TEST(HfsplusTest, CompressedBlocksThatAreElsewhereAreSaid) {
  Bytes image = kPlain;
  const std::size_t fork =
      *ReadAt<Be32>(image, RecordOf(image, "large") + kFirstExtent + 80) *
      kBlock;
  PutBe(image, fork + 260, 0x7FFFFFFF, 4);  // how many blocks
  EXPECT_TRUE(Reading(image).Saw("hfsplus.bad-compression"));
  image = kPlain;
  PutBe(image, fork + 264, 0xFFFFFFFF, 4);  // where the first is
  EXPECT_TRUE(Reading(image).Saw("hfsplus.bad-compression"));
  image = kPlain;
  PutBe(image, fork + 300, 0xFFFFFFFF, 4);  // what is in it
  EXPECT_NE(Reading(image).Find("large")->problem, "");
}

TEST(HfsplusTest, AJournalWithChangesIsSaid) {
  const std::size_t header = AsText(kCased).find("xLNJ");
  ASSERT_NE(header, std::string_view::npos);
  EXPECT_FALSE(Reading(kCased).Saw("hfsplus.pending-journal"));
  Bytes image = kCased;
  image[header + 8] ^= 1U;
  EXPECT_TRUE(Reading(image).Saw("hfsplus.pending-journal"));
}

TEST(HfsplusTest, TextInFreeBlocksIsSlack) {
  Bytes image = kPlain;
  image[image.size() - 3 * kBlock] = 'h';  // the only free one
  const Reading sink(image);
  EXPECT_TRUE(std::any_of(
      sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
        return region.use == RegionUse::kSlack &&
               region.range.offset <= image.size() - 3 * kBlock &&
               region.range.end() > image.size() - 3 * kBlock;
      }));
}

}  // namespace
}  // namespace assay::formats
