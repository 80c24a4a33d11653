#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/base/crc32.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kGpt;
extern const Format kMbr;
namespace {

using testing::Concat;
using testing::Hex;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kDisk = Sample("formats/gpt/two.hex");
constexpr std::size_t kSector = 512;
constexpr std::size_t kBackup = 15;

void Put(Bytes& at, std::size_t offset, std::uint64_t value,
         std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    at.at(offset + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

// Makes the checksums of the header in sector `lba` right again.
void Mend(Bytes& disk, std::size_t lba, std::size_t sector = kSector) {
  const ByteView view(disk);
  const std::size_t header = lba * sector;
  const std::size_t entries = *ReadAt<Le64>(view, header + 72) * sector;
  const std::size_t size = *ReadAt<Le32>(view, header + 80) *
                           std::size_t{*ReadAt<Le32>(view, header + 84)};
  if (const auto array = Slice(view, entries, size)) {
    Put(disk, header + 88, Crc32(*array), 4);
  }
  Put(disk, header + 16, 0, 4);
  Put(disk, header + 16, Crc32(view.subspan(header, 92)), 4);
}

Bytes Changed(std::size_t offset, std::uint64_t value, std::size_t width) {
  Bytes disk = kDisk;
  Put(disk, offset, value, width);
  Mend(disk, 1);
  return disk;
}

// Every sector of 512 bytes at the start of one of 4096.
Bytes WithLargeSectors() {
  Bytes disk(kDisk.size() * 8);
  for (std::size_t i = 0; i < kDisk.size(); ++i) {
    disk[i / kSector * 4096 + i % kSector] = kDisk[i];
  }
  return disk;
}

void ExpectAccounts(const RecordingSink& sink, std::uint64_t size) {
  std::string why;
  EXPECT_TRUE(sink.Accounts(size, &why)) << why;
}

TEST(GptTest, PartitionsAreWhatSfdiskWasTold) {
  RecordingSink sink;
  const auto result = Unpack(kGpt, kDisk, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 2U);
  const RecordedMember& root = sink.members[0];
  EXPECT_EQ(root.member.name, "p1.rootfs");
  EXPECT_EQ(root.member.origin, (Range{4 * kSector, 4 * kSector}));
  EXPECT_TRUE(root.member.stored);
  EXPECT_EQ(AsText(root.content).substr(0, 16), "root file system");
  const auto& notes = root.member.meta.xattrs;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].second, "0fc63daf-8483-4772-8e79-3d69d8477de4");
  EXPECT_EQ(notes[1].second, "11111111-2222-3333-4444-555555555555");
  const RecordedMember& data = sink.members[1];
  EXPECT_EQ(data.member.name, "p2.d\xc3\xa4t\xc3\xa4");
  EXPECT_EQ(data.content.size(), 2 * kSector);
  ASSERT_EQ(data.member.meta.xattrs.size(), 3U);
  EXPECT_EQ(data.member.meta.xattrs[2].second, "0x0000000000000004");
  ExpectAccounts(sink, kDisk.size());
}

TEST(GptTest, WhatLiesBetweenPartitionsIsSlack) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, kDisk, sink));
  const auto gap =
      std::find_if(sink.regions.begin(), sink.regions.end(),
                   [](const Region& r) { return r.use == RegionUse::kSlack; });
  ASSERT_NE(gap, sink.regions.end());
  EXPECT_EQ(gap->range, (Range{8 * kSector, 2 * kSector}));
}

TEST(GptTest, EndsBehindTheBackup) {
  const Bytes longer = Concat(kDisk, Bytes(700, 0x41));
  EXPECT_TRUE(kGpt.matches(longer));
  EXPECT_EQ(kGpt.measure(longer).value_or(0), kDisk.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, longer, sink));
  ExpectAccounts(sink, kDisk.size());
}

TEST(GptTest, ReadsLargeSectors) {
  const Bytes disk = WithLargeSectors();
  EXPECT_TRUE(kGpt.matches(disk));
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.members[0].member.origin, (Range{4 * 4096, 4 * 4096}));
  ExpectAccounts(sink, disk.size());
}

TEST(GptTest, ADamagedPrimaryLeadsToTheBackup) {
  Bytes disk = kDisk;
  disk[kSector + 60] ^= 1U;
  EXPECT_FALSE(kGpt.matches(disk));
  ASSERT_TRUE(kMbr.matches(disk));  // the protective one
  EXPECT_EQ(kMbr.measure(disk).value_or(0), disk.size());
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMbr, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.primary-crc-mismatch"));
  EXPECT_NE(sink.Find("p1.rootfs"), nullptr);
  ExpectAccounts(sink, disk.size());
}

TEST(GptTest, DamagedEntriesLeadToTheBackup) {
  Bytes disk = kDisk;
  disk[2 * kSector + 56] = 'X';  // the name of partition 1
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.entries-crc-mismatch"));
  EXPECT_NE(sink.Find("p1.rootfs"), nullptr);
}

TEST(GptTest, TwoIntactTablesThatDifferAreSaid) {
  const Bytes disk = Changed(2 * kSector + 56, 'X', 1);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.ambiguous-tables"));
  EXPECT_NE(sink.Find("p1.Xootfs"), nullptr);
}

TEST(GptTest, AMissingBackupIsSaid) {
  Bytes disk = kDisk;
  disk[kBackup * kSector] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.missing-backup"));
  EXPECT_EQ(kGpt.measure(disk).value_or(0), 14 * kSector);
  ExpectAccounts(sink, 14 * kSector);
}

TEST(GptTest, OverlapsAreSaid) {
  const std::size_t second = 2 * kSector + 128;
  const Bytes disk = Changed(second + 32, 6, 8);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.overlapping-partitions"));
  EXPECT_EQ(sink.members[1].content.size(), 6 * kSector);
  EXPECT_FALSE(sink.members[1].member.origin);
  ExpectAccounts(sink, disk.size());
}

// It would lead to the same table again, for ever.
TEST(GptTest, APartitionOverTheTableItselfStaysOpaque) {
  const Bytes disk = Changed(2 * kSector + 32, 0, 8);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.odd-partition"));
  EXPECT_TRUE(sink.Saw("gpt.overlapping-partitions"));
  EXPECT_FALSE(sink.members[0].has_content);
  ExpectAccounts(sink, disk.size());
}

TEST(GptTest, PartitionsPastTheEndAreCut) {
  for (const std::uint64_t last : {100ULL, ~0ULL, 1ULL << 55U}) {
    const Bytes disk = Changed(2 * kSector + 40, last, 8);
    RecordingSink sink;
    ASSERT_TRUE(Unpack(kGpt, disk, sink));
    EXPECT_TRUE(sink.Saw("gpt.size-mismatch"));
    ExpectAccounts(sink, disk.size());
  }
}

TEST(GptTest, APartitionThatEndsBeforeItBeginsIsEmpty) {
  const Bytes disk = Changed(2 * kSector + 40, 3, 8);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.odd-partition"));
  EXPECT_TRUE(sink.members[0].content.empty());
}

TEST(GptTest, OnlyTheMbrNamesAHiddenPartition) {
  Bytes disk = kDisk;
  Put(disk, 446 + 16 + 4, 0x83, 1);
  Put(disk, 446 + 16 + 8, 8, 4);
  Put(disk, 446 + 16 + 12, 2, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.hidden-mbr-partition"));
  const RecordedMember* hidden = sink.Find("mbr2.0x83");
  ASSERT_NE(hidden, nullptr);
  EXPECT_EQ(AsText(hidden->content).substr(0, 7), "between");
  ExpectAccounts(sink, disk.size());
}

TEST(GptTest, AHybridMbrThatAgreesIsNoAnomaly) {
  Bytes disk = kDisk;
  Put(disk, 446 + 16 + 4, 0x83, 1);
  Put(disk, 446 + 16 + 8, 4, 4);
  Put(disk, 446 + 16 + 12, 4, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.anomalies.empty());
  EXPECT_EQ(sink.members.size(), 2U);
}

TEST(GptTest, AnMbrThatProtectsNothingIsSaid) {
  Bytes disk = kDisk;
  disk[446 + 4] = 0x83;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kGpt, disk, sink));
  EXPECT_TRUE(sink.Saw("gpt.ambiguous-mbr"));
  EXPECT_TRUE(sink.Saw("gpt.hidden-mbr-partition"));
  Bytes none = kDisk;
  none[511] = 0;
  RecordingSink other;
  ASSERT_TRUE(Unpack(kGpt, none, other));
  EXPECT_TRUE(other.Saw("gpt.missing-mbr"));
  ExpectAccounts(other, none.size());
}

TEST(GptTest, LyingHeadersAreRefused) {
  const struct {
    std::size_t offset;
    std::uint64_t value;
    std::size_t width;
  } lies[] = {{12, 91, 4},  {12, 513, 4},      {12, ~0U, 4}, {24, 2, 8},
              {32, 1, 8},   {40, 20, 8},       {80, 0, 4},   {84, 120, 4},
              {84, 129, 4}, {84, 1U << 31U, 4}};
  for (const auto& lie : lies) {
    const Bytes disk = Changed(kSector + lie.offset, lie.value, lie.width);
    EXPECT_FALSE(kGpt.matches(disk)) << lie.offset;
    EXPECT_FALSE(kGpt.measure(disk)) << lie.offset;
  }
  // The header holds, but its entries lie nowhere.
  for (const std::uint64_t lba : {16ULL, ~0ULL}) {
    EXPECT_FALSE(kGpt.measure(Changed(kSector + 72, lba, 8)));
  }
  EXPECT_FALSE(kGpt.measure(Changed(kSector + 80, ~0U, 4)));
}

TEST(GptTest, SurvivesEveryPrefixAndFlip) {
  testing::SweepPrefixes(kGpt, kDisk);
  testing::SweepFlips(kGpt, kDisk);
}

TEST(GptTest, EveryFlipOfATableIsNoticed) {
  for (const Range table :
       {Range{kSector, 92}, Range{2 * kSector, 512}, Range{14 * kSector, 512},
        Range{kBackup * kSector, 92}}) {
    for (std::size_t at = table.offset; at < table.end(); ++at) {
      Bytes disk = kDisk;
      disk[at] ^= 0x10U;
      RecordingSink sink;
      EXPECT_TRUE(!kGpt.matches(disk) || !Unpack(kGpt, disk, sink) ||
                  !sink.anomalies.empty())
          << at;
    }
  }
}

TEST(GptTest, AnIsoWithATableIsAnIso) {
  Bytes image = Concat(kDisk, Bytes(40000));
  Bytes volume = Hex("01434430303101");
  std::copy(volume.begin(), volume.end(), image.begin() + 0x8000);
  Put(image, 0x8000 + 80, 0x20, 1);
  Put(image, 0x8000 + 87, 0x20, 1);
  EXPECT_FALSE(kGpt.matches(image));
  Put(image, 0x8000 + 87, 0x21, 1);  // the two byte orders disagree
  EXPECT_TRUE(kGpt.matches(image));
}

}  // namespace
}  // namespace assay::formats
