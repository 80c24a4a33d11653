#include "verifier/unpack/partition.h"

#include <algorithm>

namespace assay::unpack {
namespace {

constexpr std::uint64_t kShortestRun = 16;

void Append(std::vector<StructureRange>& to, Range range, Structure role) {
  if (range.length == 0) {
    return;
  }
  if (!to.empty() && to.back().role == role) {
    to.back().range.length += range.length;
    return;
  }
  to.push_back({range, role});
}

template <typename Iterator>
std::uint64_t RunLength(Iterator begin, Iterator end) {
  if (begin == end || (*begin != 0x00 && *begin != 0xFF)) {
    return 0;
  }
  const auto stop =
      std::find_if(begin, end, [&](std::uint8_t b) { return b != *begin; });
  const auto length = static_cast<std::uint64_t>(stop - begin);
  return length < kShortestRun ? 0 : length;
}

}  // namespace

std::vector<StructureRange> Partition(std::vector<StructureRange> claims,
                                      std::uint64_t size, Structure rest) {
  std::stable_sort(claims.begin(), claims.end(),
                   [](const StructureRange& a, const StructureRange& b) {
                     return a.range.offset < b.range.offset;
                   });
  std::vector<StructureRange> parts;
  std::uint64_t at = 0;
  for (const StructureRange& claim : claims) {
    if (claim.range.offset >= size) {
      break;
    }
    const std::uint64_t end =
        claim.range.offset +
        std::min(claim.range.length, size - claim.range.offset);
    if (end <= at) {
      continue;
    }
    const std::uint64_t start = std::max(at, claim.range.offset);
    Append(parts, {at, start - at}, rest);
    Append(parts, {start, end - start}, claim.role);
    at = end;
  }
  Append(parts, {at, size - at}, rest);
  return parts;
}

std::vector<StructureRange> Overlaid(const std::vector<StructureRange>& parts,
                                     std::vector<StructureRange> over) {
  if (over.empty()) {
    return parts;
  }
  std::stable_sort(over.begin(), over.end(),
                   [](const StructureRange& a, const StructureRange& b) {
                     return a.range.offset < b.range.offset;
                   });
  std::vector<StructureRange> result;
  auto next = over.begin();
  std::uint64_t at = 0;
  for (const StructureRange& part : parts) {
    while (at < part.range.end()) {
      while (next != over.end() && next->range.end() <= at) {
        ++next;
      }
      const bool covered = next != over.end() && next->range.offset <= at;
      const std::uint64_t limit = next == over.end() ? part.range.end()
                                  : covered          ? next->range.end()
                                                     : next->range.offset;
      const std::uint64_t stop = std::min(part.range.end(), limit);
      Append(result, {at, stop - at}, covered ? next->role : part.role);
      at = stop;
    }
  }
  return result;
}

bool IsFiller(ByteView bytes) {
  if (bytes.empty() || (bytes[0] != 0x00 && bytes[0] != 0xFF)) {
    return false;
  }
  // Comparing with itself one byte later is one vectorised pass.
  return std::equal(bytes.begin() + 1, bytes.end(), bytes.begin());
}

std::uint64_t FillerPrefix(ByteView bytes) {
  return RunLength(bytes.begin(), bytes.end());
}

std::uint64_t FillerSuffix(ByteView bytes) {
  return RunLength(bytes.rbegin(), bytes.rend());
}

}  // namespace assay::unpack
