// What of a YAFFS image belongs to whom, and what no longer belongs to
// anybody.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/formats/flash/yaffs_objects.h"

namespace assay::formats::yaffs {

// Whether the file still shows what an outdated chunk holds.
bool Objects::IsShown(const Object& object, const Chunk& chunk) const {
  const auto now = object.data.find(chunk.number);
  const std::uint64_t length =
      std::min<std::uint64_t>(chunk.bytes, log_.geometry.page);
  const auto old = Slice(source_.bytes(), chunk.offset, length);
  if (now == object.data.end() || !old) {
    return length == 0;
  }
  const auto current = Slice(source_.bytes(), now->second->offset, length);
  return current && std::equal(old->begin(), old->end(), current->begin());
}

void Objects::ReportObject(std::uint32_t number, const Object& object) {
  if (!object.reached) {
    const Chunk* chunk = !object.data.empty() ? object.data.begin()->second
                         : !object.outdated.empty() ? object.outdated.front()
                                                    : nullptr;
    if (chunk != nullptr) {
      const auto header =
          object.header != nullptr ? HeaderOf(*object.header) : std::nullopt;
      Report(
          "hidden-object", PageOf(*chunk),
          fmt::format(
              "no name leads to object {}{}, which has content", number,
              header ? fmt::format(" (\"{}\")", header->name) : std::string()));
    }
    return;
  }
  const auto hidden = std::find_if(
      object.outdated.begin(), object.outdated.end(),
      [&](const Chunk* chunk) { return !IsShown(object, *chunk); });
  if (hidden != object.outdated.end()) {
    Report("hidden-version", PageOf(**hidden),
           fmt::format("an older chunk {} of object {} holds other bytes",
                       (*hidden)->number, number));
  }
}

void Objects::ReportHidden() {
  for (const auto& [number, object] : objects_) {
    ReportObject(number, object);
  }
}

void Objects::ClaimHeader(const Chunk& chunk) {
  if (IsReserved(chunk)) {
    coverage_.ClaimFree(PageOf(chunk), RegionUse::kMetadata, sink_);
    sink_.PassOver(PageOf(chunk));
    return;
  }
  if (const auto header = HeaderOf(chunk); chunk.number == 0 && header) {
    coverage_.ClaimFree(
        {chunk.offset, std::min(header->used, log_.geometry.page)},
        RegionUse::kMetadata, sink_);
  }
}

// The tags, and the codes that the chip's controller keeps beside them.
void Objects::ClaimSpare(const Chunk& chunk) {
  const std::uint64_t start = chunk.offset + log_.geometry.page;
  const Range spare{start, log_.geometry.spare};
  Range tags = TagsRange(log_.geometry);
  tags.offset += start;
  coverage_.ClaimFree(tags, RegionUse::kMetadata, sink_);
  for (const Range& rest :
       {Range{start, tags.offset - start},
        Range{tags.end(), spare.end() - std::min(spare.end(), tags.end())}}) {
    const auto bytes = Slice(source_.bytes(), rest.offset, rest.length);
    if (bytes && !bytes->empty() && !IsErased(*bytes)) {
      coverage_.ClaimFree(rest, RegionUse::kMetadata, sink_);
      sink_.PassOver(rest);
    }
  }
}

void Objects::ClaimAll() {
  for (std::size_t i = 0; i < log_.chunks.size(); ++i) {
    if (live_[i]) {
      ClaimHeader(log_.chunks[i]);
      ClaimSpare(log_.chunks[i]);
    }
  }
  coverage_.ClaimGaps(source_.bytes(), sink_);
}

}  // namespace assay::formats::yaffs
