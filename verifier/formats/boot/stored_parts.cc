#include "verifier/formats/boot/stored_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace assay::formats {

Result<void> StoredParts::Add(std::string name, Range range) {
  if (range.length == 0) {
    return {};
  }
  auto content = image_.Slice(range);
  if (!content) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("{}: {} of {} bytes at {} ends past the image",
                            format_, name, range.length, range.offset));
  }
  if (coverage_.Touches(range)) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("{}: {} at {} lies on another part", format_, name,
                            range.offset));
  }
  coverage_.Add(range);
  return sink_.Add({.name = std::move(name), .origin = range, .stored = true},
                   std::move(*content));
}

void StoredParts::Rest(std::uint64_t end) {
  coverage_.ClaimGaps(image_.bytes().first(static_cast<std::size_t>(
                          std::min<std::uint64_t>(end, image_.size()))),
                      sink_);
}

}  // namespace assay::formats
