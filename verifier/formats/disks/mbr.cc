// Master boot record with primary and logical partitions.
// Layout: UEFI Specification 2.10, section 5.2; chains of extended boot
// records as Linux block/partitions/msdos.c reads them.
//
// There is no checksum, and boot sectors of file systems and kernels end in
// the same 0x55 0xAA: all four entries must be exact, and no BIOS parameter
// block, Linux boot header or ISO 9660 volume may be there.
//
// Claims: boot records are metadata, partitions are members by reference; what
// lies between (behind the MBR, boot loaders do) is padding or slack. A
// protective entry leads to the GPT, of which only the backup can be intact.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/disks/gpt_disk.h"
#include "verifier/formats/disks/gpt_table.h"
#include "verifier/formats/disks/mbr_table.h"
#include "verifier/formats/disks/partition_map.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using disks::kMbrSector;
using disks::Mbr;
using disks::MbrEntry;
using disks::Partition;
using disks::SectorRange;

// Linux reads no more either.
constexpr std::size_t kMostLogical = 256;
constexpr std::uint64_t kLinuxHeader = 514;  // "HdrS" of a kernel image

// The start of a FAT, exFAT or NTFS boot sector: a jump and a sector size.
bool IsVolumeBootSector(ByteView head) {
  struct Bpb {
    std::array<std::uint8_t, 3> jump = {};
    std::array<std::uint8_t, 8> oem = {};
    Le16 sector;
    std::uint8_t cluster = 0;
    Le16 reserved;
    std::uint8_t fats = 0;
    Le16 root_entries, sectors;
    std::uint8_t media = 0;
  };
  const auto bpb = ReadAt<Bpb>(head, 0);
  if (!bpb || (bpb->jump[0] != 0xEB && bpb->jump[0] != 0xE9)) {
    return false;
  }
  const bool sized = bpb->sector == 512 || bpb->sector == 1024 ||
                     bpb->sector == 2048 || bpb->sector == 4096;
  return (sized && bpb->media >= 0xF0) || AsText(bpb->oem) == "EXFAT   ";
}

std::optional<Mbr> FindMbr(ByteView head) {
  const auto mbr = disks::ReadMbr(head, 0);
  const auto header = ReadAt<Le32>(head, kLinuxHeader);
  constexpr std::uint32_t kHdrS = 0x53726448;
  if (!mbr || (header && *header == kHdrS) || IsVolumeBootSector(head) ||
      disks::HoldsIso(head) ||
      std::none_of(mbr->entries.begin(), mbr->entries.end(),
                   [](const MbrEntry& entry) { return entry.used(); })) {
    return std::nullopt;
  }
  return mbr;
}

bool IsProtective(const Mbr& mbr) {
  return std::any_of(mbr.entries.begin(), mbr.entries.end(),
                     [](const MbrEntry& entry) { return entry.protective(); });
}

// Where the last partition ends, inside the bytes.
std::uint64_t ExtentOf(const Mbr& mbr, std::uint64_t size) {
  std::uint64_t end = kMbrSector;
  for (const MbrEntry& entry : mbr.entries) {
    if (entry.used()) {
      end = std::max(end,
                     SectorRange(entry.first, entry.count, kMbrSector).end());
    }
  }
  return std::min(end, size);
}

class Disk {
 public:
  Disk(ByteSource source, ArtifactSink& sink)
      : source_(std::move(source)), sink_(sink) {}

  Result<void> Unpack(const Mbr& mbr) {
    coverage_.ClaimFree({0, kMbrSector}, RegionUse::kMetadata, sink_);
    for (std::size_t i = 0; i < mbr.entries.size(); ++i) {
      const MbrEntry& entry = mbr.entries.at(i);
      if (entry.used() && !entry.extended()) {
        Add(i + 1, entry, 0);
      }
    }
    for (const MbrEntry& entry : mbr.entries) {
      if (entry.extended()) {
        FollowChain(entry.first);
      }
    }
    auto added = disks::AddPartitions(source_, "mbr", std::move(partitions_),
                                      coverage_, sink_);
    if (added) {
      coverage_.ClaimGaps(source_.bytes(), sink_);
    }
    return added;
  }

 private:
  void Add(std::size_t number, const MbrEntry& entry, std::uint64_t base) {
    Partition partition{
        .name = fmt::format("p{}.{:#04x}", number, entry.type),
        .range = SectorRange(base + entry.first, entry.count, kMbrSector)};
    if (entry.status != 0) {
      partition.notes.emplace_back("mbr.status", "active");
    }
    partitions_.push_back(std::move(partition));
  }

  // Each record names one partition, relative to itself, and the next record,
  // relative to the first.
  void FollowChain(std::uint64_t first) {
    std::uint64_t at = first;
    while (true) {
      const Range place = SectorRange(at, 1, kMbrSector);
      if (!records_.insert(at).second || records_.size() > kMostLogical) {
        Report("mbr.cyclic-chain", place,
               fmt::format("the extended boot record in sector {} is named "
                           "again, or there are more than {}",
                           at, kMostLogical));
        return;
      }
      const auto record = disks::ReadMbr(source_.bytes(), place.offset);
      if (!record) {
        Report("mbr.bad-record", place,
               fmt::format("no extended boot record in sector {}", at));
        return;
      }
      coverage_.ClaimFree(place, RegionUse::kMetadata, sink_);
      std::optional<std::uint64_t> next;
      for (const MbrEntry& entry : record->entries) {
        if (entry.used() && !entry.extended()) {
          Add(++logical_, entry, at);
        } else if (entry.extended() && next) {
          Report("mbr.ambiguous-chain", place,
                 fmt::format("sector {} names two next records", at));
        } else if (entry.extended()) {
          next = first + entry.first;
        }
      }
      if (!next) {
        return;
      }
      at = *next;
    }
  }

  void Report(std::string id, Range range, std::string detail) {
    sink_.Report(
        {.id = std::move(id), .range = range, .detail = std::move(detail)});
  }

  ByteSource source_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::vector<Partition> partitions_;
  std::set<std::uint64_t> records_;
  std::size_t logical_ = 4;  // logical partitions are numbered from 5
};

bool Matches(ByteView head) {
  return FindMbr(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto mbr = FindMbr(bytes);
  if (!mbr) {
    return Fail(ErrorCode::kNotThisFormat, "no plausible partition table");
  }
  if (IsProtective(*mbr)) {
    if (!disks::ReadLastGpt(bytes)) {
      return Fail(ErrorCode::kNotThisFormat,
                  "a protective MBR without a partition table");
    }
    return bytes.size();
  }
  if (std::none_of(
          mbr->entries.begin(), mbr->entries.end(), [&](const MbrEntry& entry) {
            return entry.used() && entry.first < bytes.size() / kMbrSector;
          })) {
    return Fail(ErrorCode::kTruncated, "every partition lies past the end");
  }
  return ExtentOf(*mbr, bytes.size());
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  const auto mbr = FindMbr(source.bytes());
  if (!mbr) {
    return Fail(ErrorCode::kMalformed, "no plausible partition table");
  }
  if (IsProtective(*mbr)) {
    return disks::UnpackGpt(source, sink);
  }
  return Disk(*source.Slice({0, ExtentOf(*mbr, source.size())}), sink)
      .Unpack(*mbr);
}

constexpr Magic kMagics[] = {{"\x55\xAA", 510}};  // NOLINT: a table

}  // namespace

extern const Format kMbr;
const Format kMbr = {
    .name = "mbr",
    .title = "Master boot record",
    .reference = "UEFI Specification 2.10, section 5.2",
    .magics = kMagics,
    .proof = Proof::kWeak,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
