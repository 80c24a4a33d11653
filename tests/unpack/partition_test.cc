#include "verifier/unpack/partition.h"

#include <gtest/gtest.h>

#include <random>

namespace assay::unpack {
namespace {

std::uint64_t Sum(const std::vector<StructureRange>& parts) {
  std::uint64_t sum = 0;
  for (const StructureRange& part : parts) {
    sum += part.range.length;
  }
  return sum;
}

TEST(PartitionTest, GivesGapsToTheRest) {
  const auto parts =
      Partition({{{4, 2}, Structure::kMember}, {{0, 2}, Structure::kMetadata}},
                8, Structure::kUnknown);
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[1].role, Structure::kUnknown);
  EXPECT_EQ(parts[1].range, (Range{2, 2}));
  EXPECT_EQ(parts[3].range, (Range{6, 2}));
}

TEST(PartitionTest, HostileClaimsStillSumToTheSize) {
  std::mt19937_64 random(1);  // NOLINT(cert-msc51-cpp): repeatable on purpose
  for (int round = 0; round < 2000; ++round) {
    std::vector<StructureRange> claims;
    for (int i = 0; i < 8; ++i) {
      const bool huge = random() % 5 == 0;
      claims.push_back(
          {{huge ? random() : random() % 120, huge ? random() : random() % 60},
           static_cast<Structure>(random() % 6)});
    }
    const auto parts = Partition(claims, 100, Structure::kSlack);
    EXPECT_EQ(Sum(parts), 100U);
    std::uint64_t at = 0;
    for (const StructureRange& part : parts) {
      EXPECT_EQ(part.range.offset, at);
      at = part.range.end();
    }
  }
}

TEST(PartitionTest, KnowsFiller) {
  EXPECT_TRUE(IsFiller(Bytes(100, 0xFF)));
  EXPECT_TRUE(IsFiller(Bytes(1, 0x00)));
  EXPECT_FALSE(IsFiller(Bytes(100, 0x20)));
  EXPECT_FALSE(IsFiller(Bytes{0, 0, 1}));
  EXPECT_FALSE(IsFiller({}));
  Bytes mixed(40, 0xFF);
  mixed.push_back(7);
  mixed.insert(mixed.end(), 3, 0x00);
  EXPECT_EQ(FillerPrefix(mixed), 40U);
  EXPECT_EQ(FillerSuffix(mixed), 0U);  // three zeros may be content
}

}  // namespace
}  // namespace assay::unpack
