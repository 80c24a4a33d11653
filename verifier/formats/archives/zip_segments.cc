#include "verifier/formats/archives/zip_segments.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace assay::formats {

std::uint64_t ZipStart(ByteView zip) {
  const bool segmented = HasZipSignature(zip, 0, kZipSegmented) &&
                         HasZipSignature(zip, kZipSegmented.size(), kZipLocal);
  return segmented ? kZipSegmented.size() : 0;
}

void JoinZipSegments(ByteView zip, std::vector<ZipEntry>& entries) {
  if (std::all_of(entries.begin(), entries.end(),
                  [](const ZipEntry& entry) { return entry.disk == 0; })) {
    return;
  }
  std::stable_sort(
      entries.begin(), entries.end(), [](const ZipEntry& a, const ZipEntry& b) {
        return std::tie(a.disk, a.local_at) < std::tie(b.disk, b.local_at);
      });
  std::map<std::uint32_t, std::uint64_t> starts = {{0, 0}};  // of segments
  std::uint64_t at = ZipStart(zip);
  for (ZipEntry& entry : entries) {
    auto start = starts.find(entry.disk);
    if (start == starts.end()) {
      const auto next = ReadZipLocal(zip, at);
      if (!next || next->name != entry.name || entry.local_at > at) {
        continue;
      }
      start = starts.emplace(entry.disk, at - entry.local_at).first;
    }
    const auto local = entry.local_at <= zip.size() - start->second
                           ? ReadZipLocal(zip, start->second + entry.local_at)
                           : std::nullopt;
    if (!local || entry.packed > zip.size() - local->end()) {
      continue;
    }
    entry.local_at = local->at;
    at = local->end() + entry.packed;
    if (((local->flags | entry.flags) & kZipHasDescriptor) != 0) {
      at += ZipDescriptorSize(zip, at, entry);
    }
  }
}

}  // namespace assay::formats
