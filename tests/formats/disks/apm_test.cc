#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/image_sweep.h"
#include "tests/support/recording_sink.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kApm;
namespace {

using testing::RecordingSink;
using testing::Sample;

const Bytes kDisk = Sample("formats/apm/two.hex");

void ExpectAccounts(const RecordingSink& sink, ByteView disk) {
  std::string why;
  EXPECT_TRUE(sink.Accounts(kApm.measure(disk).value_or(0), &why)) << why;
}

TEST(ApmTest, PartitionsAreWhatPartedWasTold) {
  EXPECT_TRUE(kApm.matches(kDisk));
  EXPECT_EQ(kApm.measure(testing::Concat(kDisk, Bytes(99, 1))).value_or(0),
            kDisk.size());
  RecordingSink sink;
  const auto result = Unpack(kApm, kDisk, sink);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_TRUE(sink.anomalies.empty());
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.members[0].member.name, "p2.first");
  EXPECT_EQ(sink.members[0].member.origin, (Range{8 * 512, 6 * 512}));
  EXPECT_EQ(AsText(sink.members[0].content).substr(0, 3), "one");
  EXPECT_EQ(sink.members[0].member.meta.xattrs[0].second, "Apple_HFS");
  EXPECT_EQ(sink.members[1].member.name, "p3.second");
  EXPECT_EQ(AsText(sink.members[1].content).substr(0, 3), "two");
  ExpectAccounts(sink, kDisk);
}

TEST(ApmTest, FreeSpaceThatHoldsSomethingIsSlack) {
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kApm, kDisk, sink));
  bool found = false;
  for (const Region& region : sink.regions) {
    found = found || (region.use == RegionUse::kSlack &&
                      region.range == Range{14 * 512, 2 * 512});
  }
  EXPECT_TRUE(found);
}

TEST(ApmTest, ABrokenOrContradictingEntryIsSaid) {
  Bytes broken = kDisk;
  broken[3 * 512] = 'p';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kApm, broken, sink));
  EXPECT_TRUE(sink.Saw("apm.bad-entry"));
  EXPECT_EQ(sink.members.size(), 1U);
  ExpectAccounts(sink, broken);
  Bytes differs = kDisk;
  differs[3 * 512 + 7] = 4;
  RecordingSink other;
  ASSERT_TRUE(Unpack(kApm, differs, other));
  EXPECT_TRUE(other.Saw("apm.ambiguous-map"));
}

TEST(ApmTest, OverlapsAndLyingSizesAreSaid) {
  Bytes overlap = kDisk;
  overlap[3 * 512 + 11] = 9;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kApm, overlap, sink));
  EXPECT_TRUE(sink.Saw("apm.overlapping-partitions"));
  ExpectAccounts(sink, overlap);
  Bytes large = kDisk;
  large[3 * 512 + 12] = 0xFF;
  RecordingSink other;
  ASSERT_TRUE(Unpack(kApm, large, other));
  EXPECT_TRUE(other.Saw("apm.size-mismatch"));
  ExpectAccounts(other, large);
  RecordingSink short_sink;
  ASSERT_TRUE(Unpack(kApm, ByteView(kDisk).first(18 * 512), short_sink));
  EXPECT_TRUE(short_sink.Saw("apm.size-mismatch"));
}

// It would lead to the same map again, for ever.
TEST(ApmTest, APartitionOverTheMapStaysOpaque) {
  Bytes disk = kDisk;
  disk[2 * 512 + 11] = 0;
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kApm, disk, sink));
  EXPECT_TRUE(sink.Saw("apm.overlapping-partitions"));
  EXPECT_FALSE(sink.members[0].has_content);
  ExpectAccounts(sink, disk);
}

TEST(ApmTest, LyingHeadersAreRefused) {
  const struct {
    std::size_t offset;
    std::uint8_t value;
  } lies[] = {{2, 0},        {3, 1},        {512, 'p'},
              {512 + 3, 1},  {512 + 4, 1},  {512 + 7, 0},
              {512 + 11, 0}, {512 + 15, 0}, {512 + 48, 'B'}};
  for (const auto& lie : lies) {
    Bytes disk = kDisk;
    disk[lie.offset] = lie.value;
    EXPECT_FALSE(kApm.matches(disk)) << lie.offset;
    EXPECT_FALSE(kApm.measure(disk)) << lie.offset;
  }
}

TEST(ApmTest, SurvivesEveryPrefixAndFlip) {
  testing::SweepPrefixes(kApm, kDisk);
  testing::SweepFlips(kApm, kDisk);
}

}  // namespace
}  // namespace assay::formats
