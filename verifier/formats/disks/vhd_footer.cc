#include "verifier/formats/disks/vhd_footer.h"

namespace assay::formats::vhd {

std::uint32_t ChecksumOf(ByteView bytes, std::uint64_t checksum_at) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool own = i >= checksum_at && i - checksum_at < sizeof(Be32);
    sum += own ? 0U : bytes[i];
  }
  return ~sum;
}

std::optional<Footer> ReadFooter(ByteView bytes, std::uint64_t offset) {
  constexpr std::uint64_t kChecksumAt = 64;
  constexpr std::uint64_t kLargestDisk = 1ULL << 50U;
  auto footer = ReadAt<Footer>(bytes, offset);
  if (!footer || AsText(footer->cookie) != "conectix" ||
      ChecksumOf(BytesOf(*footer), kChecksumAt) != footer->checksum ||
      footer->type < Footer::kFixed || footer->type > Footer::kDifferencing ||
      footer->size > kLargestDisk) {
    return std::nullopt;
  }
  return footer;
}

}  // namespace assay::formats::vhd
