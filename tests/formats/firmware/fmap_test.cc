#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kFmap;
namespace {

using testing::Concat;
using testing::RecordedMember;
using testing::RecordingSink;
using testing::Sample;

const Bytes kFlash = Sample("formats/fmap/flash.hex");
constexpr std::size_t kMap = 0x200;

// The fields of area `index`.
std::size_t AreaAt(std::size_t index) {
  return kMap + 56 + 42 * index;
}

void Put16(Bytes& bytes, std::size_t at, unsigned value) {
  bytes[at] = static_cast<std::uint8_t>(value);
  bytes[at + 1] = static_cast<std::uint8_t>(value >> 8U);
}

TEST(FmapTest, AreasAreMembersBelowTheAreasAroundThem) {
  ASSERT_TRUE(kFmap.matches_end(kFlash));
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kFmap, kFlash, sink, &consumed));
  EXPECT_EQ(consumed, kFlash.size());
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kFlash.size(), &why)) << why;
  EXPECT_EQ(sink.members.size(), 5U);
  const auto origin = [&](const char* name) {
    const RecordedMember* const member = sink.Find(name);
    return member == nullptr ? Range{}
                             : member->member.origin.value_or(Range{});
  };
  EXPECT_EQ(origin("WP_RO/FMAP"), (Range{0x200, 0x200}));
  EXPECT_EQ(origin("WP_RO/RO_VPD"), (Range{0x600, 0x100}));
  EXPECT_EQ(origin("WP_RO/COREBOOT"), (Range{0x800, 0x1400}));
  EXPECT_EQ(origin("RW_A"), (Range{0x1c00, 0x300}));
  EXPECT_EQ(sink.Find("WP_RO")->member.meta.type, FileType::kDirectory);
}

TEST(FmapTest, WhatNoAreaCoversIsAGap) {
  Bytes hiding = kFlash;
  hiding[0x500] = 'x';
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFmap, hiding, sink));
  const bool slack = std::any_of(
      sink.regions.begin(), sink.regions.end(), [](const Region& region) {
        return region.use == RegionUse::kSlack &&
               region.range.offset <= 0x500 && region.range.end() > 0x500;
      });
  EXPECT_TRUE(slack);
}

TEST(FmapTest, AnAreaOfEverythingIsNoMember) {
  Bytes all = kFlash;
  Put16(all, AreaAt(0) + 4, 0x2000);  // WP_RO
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFmap, all, sink));
  EXPECT_EQ(sink.Find("WP_RO")->member.meta.type, FileType::kDirectory);
  EXPECT_NE(sink.Find("WP_RO/RW_A"), nullptr);
  std::string why;
  EXPECT_TRUE(sink.Accounts(all.size(), &why)) << why;
}

TEST(FmapTest, AreasThatOverlapOrEndOutsideAreReported) {
  Bytes partly = kFlash;
  Put16(partly, AreaAt(4), 0x1b00);  // RW_A begins in WP_RO
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kFmap, partly, sink));
  EXPECT_TRUE(sink.Saw("fmap.overlapping-areas"));
  Bytes outside = kFlash;
  Put16(outside, AreaAt(4) + 4, 0x401);
  RecordingSink other;
  ASSERT_TRUE(Unpack(kFmap, outside, other));
  EXPECT_TRUE(other.Saw("fmap.size-mismatch"));
}

TEST(FmapTest, TheMapSpeaksForAllBytesOrForNone) {
  EXPECT_FALSE(kFmap.matches_end(Concat(kFlash, Bytes(64))));
  for (std::size_t size = 0; size < kFlash.size(); size += 64) {
    EXPECT_FALSE(kFmap.matches_end(ByteView(kFlash).first(size)));
  }
  Bytes other = kFlash;
  other[kMap] = '-';
  EXPECT_FALSE(kFmap.matches_end(other));
  other = kFlash;
  other[kMap + 8] = 2;  // major version
  EXPECT_FALSE(kFmap.matches_end(other));
  other = kFlash;
  Put16(other, kMap + 54, 0);  // no areas
  EXPECT_FALSE(kFmap.matches_end(other));
  other = kFlash;
  Put16(other, kMap + 54, 0x3ff);  // more than fit
  EXPECT_FALSE(kFmap.matches_end(other));
}

TEST(FmapTest, EveryFlipIsAccountedForOrReported) {
  const Bytes flash = kFlash;
  for (std::size_t bit = kMap * 8; bit < AreaAt(5) * 8; ++bit) {
    Bytes damaged = flash;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    RecordingSink sink;
    if (Unpack(kFmap, damaged, sink)) {
      std::string why;
      EXPECT_TRUE(sink.Accounts(damaged.size(), &why) ||
                  sink.Saw("fmap.overlapping-areas"))
          << bit << ": " << why;
    }
  }
}

}  // namespace
}  // namespace assay::formats
