#include "verifier/formats/filesystems/hfsplus_volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "verifier/formats/filesystems/file_tree.h"

namespace assay::formats::hfsplus {

std::optional<Header> Recognize(ByteView head) {
  constexpr std::uint32_t kSmallestBlock = 512;
  constexpr std::uint32_t kLargestBlock = 1U << 20U;
  constexpr std::uint16_t kPlus = 0x482B;   // "H+"
  constexpr std::uint16_t kCased = 0x4858;  // "HX"
  const auto header = ReadAt<Header>(head, kHeaderAt);
  if (!header) {
    return std::nullopt;
  }
  const bool known = (header->signature == kPlus && header->version == 4) ||
                     (header->signature == kCased && header->version == 5);
  const std::uint32_t block = header->block_size;
  const std::uint32_t blocks = header->blocks;
  const std::uint64_t size = std::uint64_t{blocks} * block;
  const bool good =
      known && block >= kSmallestBlock && block <= kLargestBlock &&
      std::has_single_bit(block) && header->free_blocks <= blocks &&
      size >= 2 * kHeaderAt + sizeof(Header) &&
      header->next_id >= kAttributesFile && header->catalog.size > 0 &&
      header->catalog.blocks > 0 && header->catalog.size <= size;
  return good ? header : std::nullopt;
}

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("hfsplus: {}", what));
}

std::int64_t UnixTime(std::uint32_t time) {
  constexpr std::int64_t k1904 = 2'082'844'800;
  return std::int64_t{time} - k1904;
}

void Volume::AddOverflow(std::uint32_t file, std::uint8_t fork,
                         std::uint32_t start, const ExtentRecord& extents) {
  overflow_[{file, fork}].emplace(start, extents);
}

std::optional<std::uint64_t> Volume::Append(
    const ExtentRecord& record, std::uint64_t left,
    std::vector<Extent>& extents) const {
  std::uint64_t total = 0;
  for (const ExtentDescriptor& extent : record) {
    const std::uint64_t count =
        std::min<std::uint64_t>(extent.count, left - total);
    if (count == 0) {
      break;
    }
    if (extent.start > header_.blocks ||
        count > header_.blocks - extent.start) {
      return std::nullopt;
    }
    AppendExtent(extents, {.range = {extent.start * block_size(),
                                     count * block_size()}});
    total += count;
  }
  return total;
}

Result<std::vector<Extent>> Volume::Map(std::uint32_t file, std::uint8_t fork,
                                        const ForkData& data) const {
  const std::uint64_t blocks = data.blocks;
  std::vector<Extent> extents;
  std::uint64_t mapped = 0;
  const ExtentRecord* record = &data.extents;
  const auto more = overflow_.find({file, fork});
  while (record != nullptr) {
    const auto count = Append(*record, blocks - mapped, extents);
    if (!count) {
      return Malformed(
          fmt::format("an extent of file {} leaves the volume", file));
    }
    mapped += *count;
    record = nullptr;
    if (*count > 0 && mapped < blocks && more != overflow_.end()) {
      const auto next = more->second.find(static_cast<std::uint32_t>(mapped));
      record = next == more->second.end() ? nullptr : &next->second;
    }
  }
  if (mapped < blocks || data.size > blocks * block_size()) {
    return Malformed(fmt::format("file {} has {} bytes, its extents hold {}",
                                 file, std::uint64_t{data.size},
                                 mapped * block_size()));
  }
  return extents;
}

Result<ByteSource> Volume::Read(std::span<const Extent> extents,
                                std::uint64_t size, std::uint64_t most) const {
  if (size > most) {
    return Malformed(fmt::format("{} bytes where {} are the most", size, most));
  }
  std::vector<Extent> fitting(extents.begin(), extents.end());
  FitExtents(fitting, size);
  constexpr std::uint64_t kMemory = 32ULL << 20U;
  return source_.Gather(fitting, kMemory, most);
}

}  // namespace assay::formats::hfsplus
