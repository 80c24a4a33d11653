#include "verifier/formats/disks/mbr_table.h"

#include <algorithm>

namespace assay::formats::disks {
namespace {

bool IsEntry(const MbrEntry& entry) {
  if ((entry.status & 0x7FU) != 0) {
    return false;
  }
  return entry.used() ? entry.first != 0 && entry.count != 0
                      : entry.first == 0 && entry.count == 0;
}

}  // namespace

std::optional<Mbr> ReadMbr(ByteView bytes, std::uint64_t offset) {
  auto mbr = ReadAt<Mbr>(bytes, offset);
  if (!mbr || mbr->signature != Mbr::kSignature ||
      !std::all_of(mbr->entries.begin(), mbr->entries.end(), IsEntry)) {
    return std::nullopt;
  }
  return mbr;
}

}  // namespace assay::formats::disks
