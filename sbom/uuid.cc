#include "sbom/uuid.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

#include "verifier/base/digest.h"

namespace assay::sbom {

std::string UuidOf(std::string_view name) {
  constexpr std::array<std::uint8_t, 16> kUrl = {
      0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1,
      0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
  Hasher hasher({DigestAlgorithm::kSha1});
  hasher.Update(kUrl);
  hasher.Update(AsBytes(name));
  std::string hex;
  for (const Digest& digest : hasher.Finish()) {
    if (digest.algorithm == DigestAlgorithm::kSha1) {
      hex = digest.hex.substr(0, 32);
    }
  }
  constexpr std::string_view kVariants = "89ab";
  hex[12] = '5';
  const auto nibble = static_cast<std::size_t>(
      std::string_view("0123456789abcdef").find(hex[16]));
  hex[16] = kVariants[nibble & 3U];
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                     hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
}

}  // namespace assay::sbom
