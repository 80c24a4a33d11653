#include "signatures/profile.h"

#include <fmt/format.h>

namespace assay::signatures {
namespace {

constexpr UnixTime kEndOf2029 = 1'893'456'000;  // 2030-01-01T00:00:00Z
constexpr std::uint32_t kCnsaRsaBits = 3072;
constexpr std::uint32_t kCnsaEcBits = 384;

std::string Words(const AlgorithmUse& use) {
  return use.key.empty() ? "algorithms that the scheme does not name"
                         : TextOf(use);
}

bool IsQuantumResistant(const AlgorithmUse& use) {
  return use.key == "LMS" || use.key == "XMSS" || use.key == "ML-DSA-87";
}

bool IsCnsa1(const AlgorithmUse& use) {
  const bool key = (use.key == "RSA" && use.bits >= kCnsaRsaBits) ||
                   (use.key == "EC" && use.bits == kCnsaEcBits);
  return key && (use.digest == DigestAlgorithm::kSha384 ||
                 use.digest == DigestAlgorithm::kSha512);
}

}  // namespace

std::string WhyRefused(AlgorithmProfile profile, const AlgorithmUse& use,
                       UnixTime at) {
  if (profile != AlgorithmProfile::kCnsa20 || IsQuantumResistant(use)) {
    return "";
  }
  if (IsCnsa1(use)) {
    return at < kEndOf2029 ? ""
                           : fmt::format(
                                 "{}, which cnsa-2.0 does not accept "
                                 "from 2030 on",
                                 Words(use));
  }
  return fmt::format("{}, which cnsa-2.0 does not accept", Words(use));
}

}  // namespace assay::signatures
