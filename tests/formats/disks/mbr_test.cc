#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kMbr;
namespace {

using testing::RecordingSink;
using testing::Sample;

const Bytes kDisk = Sample("formats/mbr/logical.hex");
constexpr std::size_t kEntries = 446;

void Put(Bytes& at, std::size_t offset, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    at.at(offset + i) = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

Bytes Changed(std::size_t offset, std::uint32_t value) {
  Bytes disk = kDisk;
  Put(disk, offset, value);
  return disk;
}

void ExpectAccounts(const RecordingSink& sink, ByteView disk) {
  std::string why;
  EXPECT_TRUE(sink.Accounts(kMbr.measure(disk).value_or(0), &why)) << why;
}

TEST(MbrTest, PartitionsAreWhatSfdiskWasTold) {
  RecordingSink sink;
  const auto result = Unpack(kMbr, kDisk, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 3U);
  const struct {
    const char* name;
    std::uint64_t start, count;
    const char* content;
  } expected[] = {{"p1.0x83", 2, 4, "first"},
                  {"p5.0x0c", 9, 3, "fifth"},
                  {"p6.0x83", 14, 5, "sixth"}};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& member = sink.members[i];
    EXPECT_EQ(member.member.name, expected[i].name);
    EXPECT_EQ(member.member.origin,
              (Range{expected[i].start * 512, expected[i].count * 512}));
    EXPECT_EQ(AsText(member.content).substr(0, 5), expected[i].content);
  }
  EXPECT_EQ(sink.members[0].member.meta.xattrs.size(), 1U);
  ExpectAccounts(sink, kDisk);
  EXPECT_EQ(kMbr.measure(kDisk).value_or(0), 19 * 512U);
}

TEST(MbrTest, TheGapBehindItIsSlack) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMbr, kDisk, sink));
  bool found = false;
  for (const Region& region : sink.regions) {
    found = found || (region.use == RegionUse::kSlack &&
                      region.range == Range{512, 512});
  }
  EXPECT_TRUE(found);
}

TEST(MbrTest, OverlapsAreSaid) {
  const Bytes disk = Changed(kEntries + 12, 8);  // reaches into the chain
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMbr, disk, sink));
  EXPECT_TRUE(sink.Saw("mbr.overlapping-partitions"));
  ExpectAccounts(sink, disk);
}

TEST(MbrTest, PartitionsPastTheEndAreCut) {
  const Bytes disk = Changed(kEntries + 12, ~0U);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMbr, disk, sink));
  EXPECT_TRUE(sink.Saw("mbr.size-mismatch"));
  ExpectAccounts(sink, disk);
}

TEST(MbrTest, ACycleOfRecordsEnds) {
  // The record in sector 7 + x names the next one relative to sector 7.
  Bytes disk = kDisk;
  const std::size_t next = 7U * 512 + kEntries + 16;
  ASSERT_EQ(disk[next + 4], 5);
  const std::size_t second = (7U + disk[next + 8]) * 512;
  disk[second + kEntries + 16 + 4] = 5;
  Put(disk, second + kEntries + 16 + 8, disk[next + 8]);
  Put(disk, second + kEntries + 16 + 12, 4);
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMbr, disk, sink));
  EXPECT_TRUE(sink.Saw("mbr.cyclic-chain"));
  EXPECT_EQ(sink.members.size(), 3U);
  ExpectAccounts(sink, disk);
}

TEST(MbrTest, ABrokenRecordIsSaid) {
  Bytes disk = kDisk;
  disk[8 * 512 - 1] = 0;  // its signature
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kMbr, disk, sink));
  EXPECT_TRUE(sink.Saw("mbr.bad-record"));
  EXPECT_EQ(sink.members.size(), 1U);
  ExpectAccounts(sink, disk);
}

TEST(MbrTest, BootSectorsOfOtherKindsAreRefused) {
  Bytes fat = kDisk;
  const Bytes bpb =
      testing::Hex("eb3c90 6d6b66732e666174 0002 04 0100 02 0002 0080 f8 2000");
  std::copy(bpb.begin(), bpb.end(), fat.begin());
  EXPECT_FALSE(kMbr.matches(fat));
  Bytes exfat = kDisk;
  const Bytes jump = testing::Hex("eb7690 4558464154202020");
  std::copy(jump.begin(), jump.end(), exfat.begin());
  EXPECT_FALSE(kMbr.matches(exfat));
  Bytes kernel = kDisk;
  Put(kernel, 514, 0x53726448);
  EXPECT_FALSE(kMbr.matches(kernel));
  Bytes iso(0x9000);
  std::copy(kDisk.begin(), kDisk.end(), iso.begin());
  const Bytes volume = testing::Hex("01434430303101");
  std::copy(volume.begin(), volume.end(), iso.begin() + 0x8000);
  iso[0x8000 + 80] = iso[0x8000 + 87] = 9;
  EXPECT_FALSE(kMbr.matches(iso));
}

TEST(MbrTest, ImplausibleTablesAreRefused) {
  const std::size_t entry = kEntries;
  EXPECT_TRUE(kMbr.matches(kDisk));
  for (const unsigned status : {0x01U, 0x7FU, 0x81U, 0xFFU}) {
    Bytes disk = kDisk;
    disk[entry] = static_cast<std::uint8_t>(status);
    EXPECT_FALSE(kMbr.matches(disk)) << status;
  }
  EXPECT_FALSE(kMbr.matches(Changed(entry + 8, 0)));           // no start
  EXPECT_FALSE(kMbr.matches(Changed(entry + 12, 0)));          // no size
  EXPECT_FALSE(kMbr.matches(Changed(entry + 2 * 16 + 8, 1)));  // no type
  Bytes empty(512);
  empty[510] = 0x55;
  empty[511] = 0xAA;
  EXPECT_FALSE(kMbr.matches(empty));
  Bytes outside = kDisk;
  Put(outside, entry + 8, 1000);
  Put(outside, entry + 16 + 8, 1000);
  EXPECT_FALSE(kMbr.measure(outside));
}

TEST(MbrTest, AProtectiveRecordWithoutAGptIsDamage) {
  Bytes disk = kDisk;
  disk[kEntries + 4] = 0xEE;
  EXPECT_FALSE(kMbr.measure(disk));
  RecordingSink sink;
  EXPECT_FALSE(Unpack(kMbr, disk, sink));
}

TEST(MbrTest, SurvivesEveryPrefixAndFlip) {
  testing::SweepPrefixes(kMbr, kDisk);
  testing::SweepFlips(kMbr, kDisk);
}

// No chance that data with the signature pass for a table.
TEST(MbrTest, NoiseIsRefused) {
  std::uint32_t state = 1;
  for (int round = 0; round < 200'000; ++round) {
    Bytes sector(512);
    for (std::size_t i = kEntries; i < 510; ++i) {
      state = state * 1664525 + 1013904223;
      sector[i] = static_cast<std::uint8_t>(state >> 24U);
    }
    sector[510] = 0x55;
    sector[511] = 0xAA;
    EXPECT_FALSE(kMbr.matches(sector));
  }
}

}  // namespace
}  // namespace assay::formats
