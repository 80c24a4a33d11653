#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kFat;
namespace {

using testing::Concat;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kFat12 = Sample("formats/fat/fat12.hex");
const Bytes kFat32 = Sample("formats/fat/fat32.hex");
constexpr const char* kNumbers = "sub/Numbers with a long name, \xc3\xa4";
constexpr std::size_t kRoot12 = 0x600;
constexpr std::size_t kTable32 = 0x1000;
constexpr std::size_t kRoot32 = 0x1400;

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 250; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

std::string Hello() {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "hello\n";
  }
  return text;
}

Bytes Changed(ByteView image, std::size_t at, std::string_view with) {
  Bytes changed = CopyOf(image);
  for (std::size_t i = 0; i < with.size(); ++i) {
    changed.at(at + i) = static_cast<std::uint8_t>(with[i]);
  }
  return changed;
}

// The same change in both tables of the FAT32 sample.
Bytes Chained(std::uint32_t cluster, std::uint32_t next) {
  Bytes image = kFat32;
  for (std::size_t table : {kTable32, kTable32 + 512}) {
    for (std::size_t i = 0; i < 4; ++i) {
      image[table + 4 * cluster + i] = static_cast<std::uint8_t>(next >> 8 * i);
    }
  }
  return image;
}

void Read(const Bytes& image, RecordingSink& sink) {
  const auto result = Unpack(kFat, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(kFat.measure(image).value_or(0), &why)) << why;
}

bool HasSlack(const RecordingSink& sink, std::uint64_t at) {
  return std::any_of(sink.regions.begin(), sink.regions.end(),
                     [&](const Region& r) {
                       return r.use == RegionUse::kSlack &&
                              r.range.offset <= at && at < r.range.end();
                     });
}

TEST(FatTest, ReadsWhatMtoolsWrote) {
  EXPECT_TRUE(kFat.matches(kFat12));
  EXPECT_TRUE(HasMagic(kFat, kFat12));
  RecordingSink sink;
  Read(kFat12, sink);
  EXPECT_TRUE(sink.anomalies.empty());
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + "|";
  }
  EXPECT_EQ(names, fmt::format(".|SHORT.TXT|sub|{}|sub/empty|", kNumbers));
  const RecordedMember* file = sink.Find("SHORT.TXT");
  EXPECT_EQ(AsText(file->content), "short\n");
  EXPECT_EQ(file->member.origin, (Range{0x800, 6}));
  EXPECT_TRUE(file->member.stored);
  EXPECT_EQ(file->member.meta.mtime, 1714979290);
  EXPECT_FALSE(file->member.meta.mode);
  EXPECT_EQ(file->member.meta.xattrs.at(0),
            std::pair(std::string("fat.attributes"),
                      std::string("read-only hidden system")));
  const RecordedMember* numbers = sink.Find(kNumbers);
  EXPECT_EQ(AsText(numbers->content), Numbers());
  EXPECT_EQ(numbers->member.meta.xattrs.at(0).second, "NUMBER~1");
  EXPECT_TRUE(sink.Find("sub/empty")->content.empty());
  EXPECT_EQ(sink.Find("sub")->member.meta.type, FileType::kDirectory);
}

TEST(FatTest, TheLabelStaysWithTheRoot) {
  RecordingSink sink;
  Read(kFat12, sink);
  const auto& notes = sink.Find(".")->member.meta.xattrs;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].second, "LABEL12    ");
  EXPECT_EQ(notes[1].second, "LABEL12");
}

TEST(FatTest, ReadsAChainInPieces) {
  RecordingSink sink;
  Read(kFat32, sink);
  EXPECT_TRUE(sink.anomalies.empty());
  const RecordedMember* file = sink.Find("hello.TXT");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(AsText(file->content), Hello());
  EXPECT_FALSE(file->member.origin);
}

TEST(FatTest, EndsWhereTheVolumeEnds) {
  const Bytes longer = Concat(kFat32, Bytes(100, 1));
  EXPECT_EQ(kFat.measure(longer).value_or(0), kFat32.size());
  RecordingSink sink;
  Read(longer, sink);
}

TEST(FatTest, DeletedFilesAndFileTailsAreSlack) {
  const std::string_view text = AsText(kFat12);
  const std::size_t deleted = text.find("deleted content");
  ASSERT_NE(deleted, std::string_view::npos);
  Bytes image = kFat12;
  image[0x800 + 100] = 'x';  // behind the six bytes of SHORT.TXT
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(HasSlack(sink, deleted));
  EXPECT_TRUE(HasSlack(sink, 0x800 + 100));
}

TEST(FatTest, WhatFollowsADirectorysEndIsSlack) {
  const Bytes image = Changed(kFat12, kRoot12 + 10 * 32, "hidden");
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(HasSlack(sink, kRoot12 + 10 * 32));
  EXPECT_EQ(sink.members.size(), 5U);
}

TEST(FatTest, TablesThatDifferAreSaid) {
  const Bytes image = Changed(kFat12, 0x400 + 9, "\x7f");
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("fat.ambiguous-tables"));
  // FAT32 may say that only one counts.
  Bytes one = Changed(kFat32, 40, "\x81");
  one = Changed(one, 6 * 512 + 40, "\x81");
  one = Changed(one, kTable32 + 12, "\x08");
  RecordingSink quiet;
  Read(one, quiet);
  EXPECT_TRUE(quiet.anomalies.empty());
  EXPECT_EQ(AsText(quiet.Find("hello.TXT")->content), Hello());
}

TEST(FatTest, ABackupThatDiffersIsSaid) {
  RecordingSink sink;
  Read(Changed(kFat32, 6 * 512 + 3, "evil"), sink);
  EXPECT_TRUE(sink.Saw("fat.ambiguous-boot-sector"));
}

TEST(FatTest, CyclesEnd) {
  RecordingSink file;
  Read(Chained(5, 3), file);
  EXPECT_TRUE(file.Saw("fat.cyclic-chain"));
  EXPECT_TRUE(file.Saw("fat.size-mismatch"));
  RecordingSink directory;
  Read(Chained(2, 2), directory);
  EXPECT_TRUE(directory.Saw("fat.cyclic-chain"));
}

TEST(FatTest, BrokenChainsGiveWhatThereIs) {
  for (const std::uint32_t next : {0U, 1U, 10U, 0x0FFFFFF7U}) {
    RecordingSink sink;
    Read(Chained(3, next), sink);
    EXPECT_TRUE(sink.Saw("fat.size-mismatch")) << next;
    EXPECT_EQ(sink.Find("hello.TXT")->content.size(), 512U);
    EXPECT_TRUE(sink.Saw("fat.unlisted-clusters"));
  }
}

TEST(FatTest, AChainLongerThanItsFileIsSaid) {
  Bytes image = Chained(5, 6);
  for (std::size_t table : {kTable32, kTable32 + 512}) {
    image = Changed(image, table + 6 * 4, std::string_view("\xff\xff\xff\x0f"));
  }
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("fat.size-mismatch"));
  EXPECT_EQ(AsText(sink.Find("hello.TXT")->content), Hello());
}

TEST(FatTest, SharedClustersAreSaid) {
  // A second record of the same file.
  Bytes image = kFat32;
  std::copy_n(image.begin() + kRoot32 + 32, 32, image.begin() + kRoot32 + 64);
  image[kRoot32 + 64] = 'J';
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("fat.overlapping-chains"));
  EXPECT_EQ(AsText(sink.Find("jello.TXT")->content), Hello());
}

// A second file that enters the first one's cycle never meets itself.
TEST(FatTest, ACycleOfAnotherFileEnds) {
  Bytes image = Chained(5, 3);
  std::copy_n(image.begin() + kRoot32 + 32, 32, image.begin() + kRoot32 + 64);
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("fat.overlapping-chains"));
}

TEST(FatTest, ADirectoryInItselfIsNotReadAgain) {
  Bytes image = kFat32;
  image[kRoot32 + 32 + 11] = 0x10;
  image[kRoot32 + 32 + 26] = 2;
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("fat.overlapping-chains"));
  EXPECT_EQ(sink.members.size(), 2U);
}

TEST(FatTest, DataInBadClustersAreSaid) {
  Bytes image = Chained(7, 0x0FFFFFF7);
  RecordingSink empty;
  Read(image, empty);
  EXPECT_TRUE(empty.anomalies.empty());
  image[0x1400 + 5 * 512 + 9] = 'x';
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("fat.hidden-bad-clusters"));
  EXPECT_TRUE(HasSlack(sink, 0x1400 + 5 * 512 + 9));
}

TEST(FatTest, LongNamesWithoutAFileAreSaid) {
  const std::string_view text = AsText(kFat12);
  const std::size_t record = text.find("NUMBER~1");
  ASSERT_NE(record, std::string_view::npos);
  // The checksum no longer fits the short name.
  RecordingSink sink;
  Read(Changed(kFat12, record, "X"), sink);
  EXPECT_TRUE(sink.Saw("fat.orphan-long-name"));
  EXPECT_NE(sink.Find("sub/XUMBER~1"), nullptr);
  // A part has the wrong number.
  RecordingSink order;
  Read(Changed(kFat12, record - 32, "\x03"), order);
  EXPECT_TRUE(order.Saw("fat.orphan-long-name"));
}

TEST(FatTest, NamesThatArePathsAreSaid) {
  RecordingSink sink;
  Read(Changed(kFat32, kRoot32 + 32, "../EVIL "), sink);
  EXPECT_TRUE(sink.Saw("fat.odd-name"));
}

TEST(FatTest, ParentsThatDifferAreSaid) {
  const std::size_t dots = AsText(kFat12).find("..         \x10");
  ASSERT_NE(dots, std::string_view::npos);
  RecordingSink sink;
  Read(Changed(kFat12, dots + 26, "\x05"), sink);
  EXPECT_TRUE(sink.Saw("fat.ambiguous-parent"));
}

TEST(FatTest, LyingGeometryIsRefused) {
  using namespace std::string_view_literals;
  const struct {
    std::size_t at;
    std::string_view with;
  } lies[] = {
      {0, "\x00"sv},      {2, "\x00"sv},      {11, "\x00\x01"sv},
      {11, "\x01\x02"sv}, {11, "\x00\x40"sv}, {13, "\x00"sv},
      {13, "\x03"sv},     {14, "\x00\x00"sv}, {16, "\x00"sv},
      {16, "\x03"sv},     {17, "\x00\x00"sv}, {17, "\xff\xff"sv},
      {19, "\x04\x00"sv}, {21, "\xf1"sv},     {22, "\xff\xff"sv},
      {510, "\x00"sv},    {0x200, "\xf9"sv},
  };
  for (const auto& lie : lies) {
    const Bytes image = Changed(kFat12, lie.at, lie.with);
    EXPECT_FALSE(kFat.matches(image)) << lie.at;
    EXPECT_FALSE(kFat.measure(image)) << lie.at;
  }
  EXPECT_FALSE(kFat.matches(Changed(kFat32, 44, "\x63")));  // its root
  EXPECT_FALSE(kFat.matches(Changed(kFat32, 42, "\x01")));  // its version
}

// The stated number of clusters must not be believed by an allocation.
TEST(FatTest, AHugeVolumeInFewBytesIsCut) {
  using namespace std::string_view_literals;
  Bytes image = Changed(kFat32, 19, "\0\0"sv);
  image = Changed(image, 32, "\xff\xff\xff\x0f"sv);
  image = Changed(image, 36, "\x00\x00\x20\x00"sv);
  ASSERT_TRUE(kFat.matches(image));
  EXPECT_FALSE(kFat.measure(image));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kFat, image, sink));
}

TEST(FatTest, EntriesAndNamesAreBounded) {
  RecordingSink few;
  few.set_limits({.entries = 2});
  EXPECT_FALSE(Unpack(kFat, kFat12, few));
  RecordingSink brief;
  brief.set_limits({.name = 10});
  EXPECT_FALSE(Unpack(kFat, kFat12, brief));
}

TEST(FatTest, EveryProperPrefixFails) {
  for (const Bytes& image : {kFat12, kFat32}) {
    for (std::size_t size = 0; size < image.size(); ++size) {
      RecordingSink sink;
      EXPECT_FALSE(Unpack(kFat, ByteView(image).first(size), sink)) << size;
      EXPECT_FALSE(kFat.measure(ByteView(image).first(size)));
    }
  }
}

TEST(FatTest, SurvivesEveryFlip) {
  testing::SweepFlips(kFat, kFat12);
  testing::SweepFlips(kFat, kFat32);
}

}  // namespace
}  // namespace assay::formats
