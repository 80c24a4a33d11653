#include "signatures/profile.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace assay::signatures {
namespace {

constexpr UnixTime kIn2026 = 1'795'000'000;
constexpr UnixTime kIn2030 = 1'900'000'000;

struct Row {
  AlgorithmUse use;
  bool allowed_in_2026;
  bool allowed_in_2030;
};

TEST(ProfileTest, Cnsa20TakesClassicalAlgorithmsOnlyAtFullStrengthAndFor) {
  using enum DigestAlgorithm;
  const std::vector<Row> rows = {
      {{"RSA", 3072, kSha384}, true, false},
      {{"RSA", 4096, kSha512}, true, false},
      {{"EC", 384, kSha384}, true, false},
      {{"RSA", 2048, kSha384}, false, false},
      {{"RSA", 4096, kSha256}, false, false},
      {{"EC", 256, kSha384}, false, false},
      {{"EC", 521, kSha512}, false, false},
      {{"Ed25519", 253, {}}, false, false},
      {{"DSA", 3072, kSha384}, false, false},
      {{}, false, false},
      {{"LMS", 0, {}}, true, true},
      {{"ML-DSA-87", 0, {}}, true, true},
      {{"ML-DSA-44", 0, {}}, false, false},
  };
  for (const Row& row : rows) {
    const auto allows = [&](UnixTime at) {
      return WhyRefused(AlgorithmProfile::kCnsa20, row.use, at).empty();
    };
    EXPECT_EQ(allows(kIn2026), row.allowed_in_2026) << TextOf(row.use);
    EXPECT_EQ(allows(kIn2030), row.allowed_in_2030) << TextOf(row.use);
    EXPECT_TRUE(
        WhyRefused(AlgorithmProfile::kDefault, row.use, kIn2030).empty());
  }
}

TEST(ProfileTest, TheReasonNamesTheAlgorithms) {
  EXPECT_EQ(WhyRefused(AlgorithmProfile::kCnsa20,
                       {"RSA", 2048, DigestAlgorithm::kSha256}, kIn2026),
            "RSA-2048 with sha256, which cnsa-2.0 does not accept");
}

}  // namespace
}  // namespace assay::signatures
