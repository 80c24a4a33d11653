#include "verifier/formats/coverage.h"

#include <algorithm>
#include <vector>

namespace assay::formats {

bool IsZero(ByteView bytes) {
  // Each byte equals the one before it: fast, as images are mostly zeros.
  return bytes.empty() ||
         (bytes.front() == 0 &&
          std::equal(bytes.begin(), bytes.end() - 1, bytes.begin() + 1));
}

bool IsErased(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](auto byte) { return byte == 0xff; });
}

bool Coverage::Touches(Range range) const {
  const auto next = taken_.lower_bound(range.end());
  return range.length > 0 && next != taken_.begin() &&
         std::prev(next)->second > range.offset;
}

void Coverage::Add(Range range) {
  if (range.length == 0) {
    return;
  }
  std::uint64_t start = range.offset;
  std::uint64_t end = range.end();
  auto at = taken_.upper_bound(start);
  if (at != taken_.begin() && std::prev(at)->second >= start) {
    --at;
    start = at->first;
  }
  while (at != taken_.end() && at->first <= end) {
    end = std::max(end, at->second);
    at = taken_.erase(at);
  }
  taken_.emplace(start, end);
}

void Coverage::ClaimFree(Range range, RegionUse use, ArtifactSink& sink) {
  std::uint64_t from = range.offset;
  auto at = taken_.upper_bound(from);
  if (at != taken_.begin()) {
    from = std::max(from, std::prev(at)->second);
  }
  while (from < range.end()) {
    const std::uint64_t to =
        at == taken_.end() ? range.end() : std::min(at->first, range.end());
    if (to > from) {
      sink.Claim({from, to - from}, use);
    }
    if (at == taken_.end()) {
      break;
    }
    from = std::max(from, at->second);
    ++at;
  }
  Add(range);
}

std::vector<Range> Coverage::Gaps(std::uint64_t end) const {
  std::vector<Range> gaps;
  std::uint64_t from = 0;
  for (const auto& [start, stop] : taken_) {
    if (start >= end) {
      break;
    }
    if (start > from) {
      gaps.push_back({from, start - from});
    }
    from = stop;
  }
  if (end > from) {
    gaps.push_back({from, end - from});
  }
  return gaps;
}

void Coverage::ClaimGaps(ByteView bytes, ArtifactSink& sink) {
  for (const Range& gap : Gaps(bytes.size())) {
    const auto part = Slice(bytes, gap.offset, gap.length);
    const bool filler = part && (IsZero(*part) || IsErased(*part));
    sink.Claim(gap, filler ? RegionUse::kPadding : RegionUse::kSlack);
  }
  Add({0, bytes.size()});
}

}  // namespace assay::formats
