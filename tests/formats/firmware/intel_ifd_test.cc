#include <gtest/gtest.h>

#include <string>

#include "tests/support/hex.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sweep.h"
#include "verifier/formats/format.h"

namespace assay::formats {

extern const Format kIntelIfd;
namespace {

using testing::Concat;
using testing::RecordingSink;
using testing::Sample;

const Bytes kFlash = Sample("formats/intel_ifd/three.hex");
constexpr std::size_t kRegions = 0x40;

void PutRegion(Bytes& flash, std::size_t index, std::uint16_t first,
               std::uint16_t last) {
  const std::size_t at = kRegions + 4 * index;
  flash[at] = static_cast<std::uint8_t>(first);
  flash[at + 1] = static_cast<std::uint8_t>(first >> 8U);
  flash[at + 2] = static_cast<std::uint8_t>(last);
  flash[at + 3] = static_cast<std::uint8_t>(last >> 8U);
}

TEST(IntelIfdTest, RegionsAreMembers) {
  ASSERT_TRUE(kIntelIfd.matches(kFlash) && HasMagic(kIntelIfd, kFlash));
  RecordingSink sink;
  std::uint64_t consumed = 0;
  ASSERT_TRUE(Unpack(kIntelIfd, kFlash, sink, &consumed));
  EXPECT_EQ(consumed, 12288U);
  ASSERT_EQ(sink.members.size(), 2U);
  EXPECT_EQ(sink.Find("gbe")->member.origin, (Range{4096, 4096}));
  EXPECT_EQ(sink.Find("bios")->member.origin, (Range{8192, 4096}));
  EXPECT_EQ(AsText(sink.Find("bios")->content).substr(0, 4), "bios");
  EXPECT_TRUE(sink.anomalies.empty());
  std::string why;
  EXPECT_TRUE(sink.Accounts(kFlash.size(), &why)) << why;
}

TEST(IntelIfdTest, GapsAndErasedRegionsHaveOwners) {
  Bytes gap = kFlash;
  PutRegion(gap, 3, 0x7fff, 0);  // no GbE: its page is a gap with data
  RecordingSink sink;
  ASSERT_TRUE(Unpack(kIntelIfd, gap, sink));
  EXPECT_EQ(sink.members.size(), 1U);
  std::string why;
  EXPECT_TRUE(sink.Accounts(gap.size(), &why)) << why;

  Bytes erased = kFlash;
  std::fill(erased.begin() + 4096, erased.begin() + 8192, 0xff);
  RecordingSink other;
  ASSERT_TRUE(Unpack(kIntelIfd, erased, other));
  EXPECT_EQ(other.members.size(), 1U);
  EXPECT_TRUE(other.Accounts(erased.size(), &why)) << why;
}

TEST(IntelIfdTest, TheExtentIsTheEndOfTheLastRegion) {
  const Bytes longer = Concat(kFlash, AsBytes("more"));
  EXPECT_EQ(kIntelIfd.measure(longer).value_or(0), kFlash.size());
}

TEST(IntelIfdTest, APrefixFails) {
  for (std::size_t size = 0; size < kFlash.size(); size += 61) {
    const ByteView prefix = ByteView(kFlash).first(size);
    RecordingSink sink;
    EXPECT_FALSE(Unpack(kIntelIfd, prefix, sink)) << size;
    EXPECT_FALSE(kIntelIfd.measure(prefix)) << size;
  }
}

TEST(IntelIfdTest, AnyFlipInTheDescriptorIsReadWithinTheBytes) {
  for (std::size_t bit = 0; bit < 0x80 * 8; ++bit) {
    Bytes damaged = kFlash;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    RecordingSink sink;
    std::uint64_t consumed = 0;
    if (Unpack(kIntelIfd, damaged, sink, &consumed)) {
      std::string why;
      EXPECT_TRUE(sink.Accounts(consumed, &why)) << bit << ": " << why;
    }
    EXPECT_LE(kIntelIfd.measure(damaged).value_or(0), damaged.size());
  }
}

TEST(IntelIfdTest, OtherBytesAreNoDescriptor) {
  Bytes other = kFlash;
  PutRegion(other, 1, 1, 2);  // BIOS in GbE
  EXPECT_FALSE(kIntelIfd.matches(other));
  other = kFlash;
  PutRegion(other, 1, 0, 2);  // BIOS in the descriptor
  EXPECT_FALSE(kIntelIfd.matches(other));
  other = kFlash;
  PutRegion(other, 0, 1, 1);  // nothing at the start
  EXPECT_FALSE(kIntelIfd.matches(other));
  other = kFlash;
  other[22] = 0;  // no table of regions
  EXPECT_FALSE(kIntelIfd.matches(other));
  // The region of the descriptor alone, as a flash map cuts it out.
  EXPECT_FALSE(kIntelIfd.matches(ByteView(kFlash).first(4096)));
  EXPECT_FALSE(kIntelIfd.matches(ByteView(kFlash).first(40)));
  EXPECT_FALSE(kIntelIfd.matches({}));
}

}  // namespace
}  // namespace assay::formats
