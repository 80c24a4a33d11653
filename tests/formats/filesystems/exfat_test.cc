#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kExfat;
namespace {

using testing::Concat;
using testing::RecordedMember;
using testing::RecordingSink;

constexpr const char* kNumbers =
    "sub/Numbers with a long name, \xc3\xa4 and \xf0\x9f\x98\x80";
constexpr std::size_t kTable = 24 * 512;
constexpr std::size_t kHeap = 25 * 512;
constexpr std::size_t kRoot = kHeap + 13 * 512;  // cluster 15

const Bytes kImage = testing::Sample("formats/exfat/small.hex");

std::string Numbers() {
  std::string text;
  for (int i = 1; i <= 250; ++i) {
    text += fmt::format("{}\n", i);
  }
  return text;
}

Bytes Changed(ByteView image, std::size_t at, std::uint64_t value,
              std::size_t width) {
  Bytes changed = CopyOf(image);
  for (std::size_t i = 0; i < width; ++i) {
    changed.at(at + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return changed;
}

// Where the set of records of `short.txt` begins.
std::size_t ShortRecord() {
  std::size_t at = kRoot;
  while (kImage.at(at) != 0x85) {
    at += 32;
  }
  return at;
}

// Makes the checksum of the three records at `at` right again.
void Mend(Bytes& image, std::size_t at) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < 96; ++i) {
    if (i != 2 && i != 3) {
      sum = (((sum & 1U) << 15U) + (sum >> 1U) + image[at + i]) & 0xFFFFU;
    }
  }
  image[at + 2] = static_cast<std::uint8_t>(sum);
  image[at + 3] = static_cast<std::uint8_t>(sum >> 8U);
}

// short.txt with a field of its stream record changed.
Bytes WithStream(std::size_t field, std::uint64_t value, std::size_t width) {
  Bytes image = Changed(kImage, ShortRecord() + 32 + field, value, width);
  Mend(image, ShortRecord());
  return image;
}

void Read(const Bytes& image, RecordingSink& sink) {
  const auto result = Unpack(kExfat, image, sink);
  ASSERT_TRUE(result) << result.error().what;
  std::string why;
  EXPECT_TRUE(sink.Accounts(kExfat.measure(image).value_or(0), &why)) << why;
}

TEST(ExfatTest, ReadsATreeAsItWent) {
  EXPECT_TRUE(kExfat.matches(kImage));
  EXPECT_EQ(kExfat.measure(Concat(kImage, Bytes(100, 1))).value_or(0),
            kImage.size());
  RecordingSink sink;
  Read(kImage, sink);
  EXPECT_TRUE(sink.anomalies.empty());
  std::string names;
  for (const RecordedMember& member : sink.members) {
    names += member.member.name + "|";
  }
  EXPECT_EQ(names, fmt::format(".|short.txt|sub|{}|sub/empty|", kNumbers));
  const RecordedMember* file = sink.Find("short.txt");
  EXPECT_EQ(AsText(file->content), "short\n");
  EXPECT_TRUE(file->member.stored);
  EXPECT_EQ(file->member.meta.mtime, 1714979290);
  EXPECT_EQ(file->member.meta.xattrs.at(0).second, "read-only");
  EXPECT_EQ(AsText(sink.Find(kNumbers)->content), Numbers());
  EXPECT_EQ(sink.Find(".")->member.meta.xattrs.at(0).second, "LABEL");
  EXPECT_EQ(sink.Find("sub")->member.meta.type, FileType::kDirectory);
}

TEST(ExfatTest, ZonesAreHonoured) {
  Bytes image = kImage;
  image[ShortRecord() + 23] = 0x80 | 0x7C;  // an hour west
  Mend(image, ShortRecord());
  RecordingSink sink;
  Read(image, sink);
  EXPECT_EQ(sink.Find("short.txt")->member.meta.mtime, 1714979290 + 3600);
}

TEST(ExfatTest, WhatIsNotValidReadsAsZeros) {
  RecordingSink sink;
  Read(WithStream(8, 3, 8), sink);
  EXPECT_EQ(AsText(sink.Find("short.txt")->content),
            std::string_view("sho\0\0\0", 6));
  RecordingSink more;
  Read(WithStream(8, 700, 8), more);
  EXPECT_TRUE(more.Saw("exfat.size-mismatch"));
}

TEST(ExfatTest, ChecksumsAndHashesAreCompared) {
  const std::size_t record = ShortRecord();
  RecordingSink set;
  Read(Changed(kImage, record + 2, 0, 1), set);
  EXPECT_TRUE(set.Saw("exfat.checksum-mismatch"));
  RecordingSink hash;
  Read(WithStream(4, 1, 2), hash);
  EXPECT_TRUE(hash.Saw("exfat.name-mismatch"));
  RecordingSink boot;
  Read(Changed(kImage, 200, 1, 1), boot);
  EXPECT_TRUE(boot.Saw("exfat.checksum-mismatch"));
  RecordingSink backup;
  Read(Changed(kImage, 12 * 512 + 100, 1, 1), backup);
  EXPECT_TRUE(backup.Saw("exfat.ambiguous-boot-sector"));
  RecordingSink upper;
  Read(Changed(kImage, kHeap + 512 + 2 * 97, 'a', 1), upper);
  EXPECT_TRUE(upper.Saw("exfat.checksum-mismatch"));
  EXPECT_TRUE(upper.Saw("exfat.name-mismatch"));
}

TEST(ExfatTest, TheBitmapIsCompared) {
  RecordingSink lost;
  Read(Changed(kImage, kHeap + 2, 0x7F, 1), lost);
  EXPECT_TRUE(lost.Saw("exfat.unlisted-clusters"));
  RecordingSink unmarked;
  Read(Changed(kImage, kHeap, 0, 1), unmarked);
  EXPECT_TRUE(unmarked.Saw("exfat.ambiguous-clusters"));
}

TEST(ExfatTest, ChainsThatLieAreSaid) {
  // short.txt by a chain that is a cycle.
  Bytes cycle = WithStream(1, 1, 1);
  cycle = Changed(cycle, ShortRecord() + 32 + 24, 600, 8);
  cycle = Changed(cycle, ShortRecord() + 32 + 8, 600, 8);
  Mend(cycle, ShortRecord());
  const std::uint32_t first = *ReadAt<Le32>(kImage, ShortRecord() + 32 + 20);
  cycle = Changed(cycle, kTable + 4 * first, first, 4);
  RecordingSink sink;
  Read(cycle, sink);
  EXPECT_TRUE(sink.Saw("exfat.cyclic-chain"));
  EXPECT_EQ(sink.Find("short.txt")->content.size(), 512U);
  // A row of clusters that leaves the volume, or is another file's.
  for (const std::uint32_t cluster : {0U, 1U, 24U, 1000U, ~0U}) {
    RecordingSink row;
    Bytes image = WithStream(20, cluster, 4);
    image = Changed(image, ShortRecord() + 32 + 24, 2000, 8);
    image = Changed(image, ShortRecord() + 32 + 8, 2000, 8);
    Mend(image, ShortRecord());
    Read(image, row);
    EXPECT_TRUE(row.Saw("exfat.size-mismatch")) << cluster;
  }
  RecordingSink shared;
  Read(WithStream(20, 15, 4), shared);
  EXPECT_TRUE(shared.Saw("exfat.overlapping-chains"));
}

TEST(ExfatTest, BrokenRecordsAreSaid) {
  const std::size_t record = ShortRecord();
  RecordingSink stream;
  Read(Changed(kImage, record + 32, 0xC2, 1), stream);
  EXPECT_TRUE(stream.Saw("exfat.bad-record"));
  EXPECT_EQ(stream.Find("short.txt"), nullptr);
  RecordingSink count;
  Read(Changed(kImage, record + 1, 0xFF, 1), count);
  EXPECT_TRUE(count.Saw("exfat.bad-record"));
  RecordingSink name;
  Read(WithStream(3, 200, 1), name);
  EXPECT_TRUE(name.Saw("exfat.bad-record"));
  RecordingSink unknown;
  Read(Changed(kImage, record, 0x88, 1), unknown);
  EXPECT_TRUE(unknown.Saw("exfat.unknown-record"));
}

TEST(ExfatTest, ADirectoryInItselfIsNotReadAgain) {
  Bytes image = WithStream(20, 15, 4);
  image[ShortRecord() + 4] = 0x10;
  Mend(image, ShortRecord());
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(sink.Saw("exfat.overlapping-chains"));
  EXPECT_EQ(sink.members.size(), 5U);
}

TEST(ExfatTest, DeletedFilesAndTailsAreSlack) {
  const std::size_t at = AsText(kImage).find("short\n");
  ASSERT_NE(at, std::string_view::npos);
  Bytes image = Changed(kImage, at + 6, 'x', 1);
  RecordingSink sink;
  Read(image, sink);
  EXPECT_TRUE(std::any_of(
      sink.regions.begin(), sink.regions.end(), [&](const Region& region) {
        return region.use == RegionUse::kSlack && region.range.offset == at + 6;
      }));
}

TEST(ExfatTest, LyingGeometryIsRefused) {
  const struct {
    std::size_t at;
    std::uint64_t value;
    std::size_t width;
  } lies[] = {{0, 0, 1},    {3, 'x', 1}, {20, 1, 1},   {72, ~0ULL, 8},
              {72, 40, 8},  {80, 23, 4}, {84, 0, 4},   {88, 24, 4},
              {88, ~0U, 4}, {92, 0, 4},  {92, ~0U, 4}, {96, 1, 4},
              {96, 25, 4},  {105, 2, 1}, {108, 8, 1},  {108, 13, 1},
              {109, 17, 1}, {110, 0, 1}, {110, 3, 1},  {510, 0, 1}};
  for (const auto& lie : lies) {
    const Bytes image = Changed(kImage, lie.at, lie.value, lie.width);
    EXPECT_FALSE(kExfat.matches(image)) << lie.at << " " << lie.value;
    EXPECT_FALSE(kExfat.measure(image));
  }
}

TEST(ExfatTest, EntriesAreBounded) {
  RecordingSink few;
  few.set_limits({.entries = 2});
  EXPECT_FALSE(Unpack(kExfat, kImage, few));
}

TEST(ExfatTest, EveryProperPrefixFails) {
  for (std::size_t size = 0; size < kImage.size(); size += 5) {
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kExfat, ByteView(kImage).first(size), sink)) << size;
    EXPECT_FALSE(kExfat.measure(ByteView(kImage).first(size)));
  }
}

TEST(ExfatTest, SurvivesFlips) {
  testing::SweepFlips(kExfat, kImage, 1, 0, 128);
  testing::SweepFlips(kExfat, kImage, 3, kTable, kHeap + 512);
  testing::SweepFlips(kExfat, kImage, 1, kRoot);
}

}  // namespace
}  // namespace assay::formats
