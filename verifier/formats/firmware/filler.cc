#include "verifier/formats/firmware/filler.h"

#include <algorithm>

namespace assay::formats {
namespace {

constexpr std::uint64_t kShortestRun = 64;  // shorter ones occur in data

template <typename Iterator>
std::uint64_t ErasedRun(Iterator begin, Iterator end) {
  if (begin == end || (*begin != 0x00 && *begin != 0xFF)) {
    return 0;
  }
  const auto stop =
      std::find_if(begin, end, [&](std::uint8_t b) { return b != *begin; });
  const auto length = static_cast<std::uint64_t>(stop - begin);
  return length < kShortestRun ? 0 : length;
}

}  // namespace

bool IsBlank(ByteView bytes) {
  return bytes.empty() ||
         ((bytes[0] == 0x00 || bytes[0] == 0xFF) &&
          std::equal(bytes.begin() + 1, bytes.end(), bytes.begin()));
}

bool ClaimFiller(ByteView bytes, Range range, ArtifactSink& sink) {
  range.offset = std::min<std::uint64_t>(range.offset, bytes.size());
  range.length = std::min(range.length, bytes.size() - range.offset);
  const ByteView all = *Slice(bytes, range.offset, range.length);
  if (IsBlank(all)) {
    sink.Claim(range, RegionUse::kPadding);
    return true;
  }
  const std::uint64_t before = ErasedRun(all.begin(), all.end());
  const std::uint64_t after = ErasedRun(all.rbegin(), all.rend());
  sink.Claim({range.offset, before}, RegionUse::kPadding);
  sink.Claim({range.offset + before, range.length - before - after},
             RegionUse::kSlack);
  sink.Claim({range.end() - after, after}, RegionUse::kPadding);
  return false;
}

}  // namespace assay::formats
