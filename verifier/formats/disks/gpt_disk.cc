#include "verifier/formats/disks/gpt_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/disks/gpt_table.h"
#include "verifier/formats/disks/mbr_table.h"
#include "verifier/formats/disks/partition_map.h"
#include "verifier/formats/utf16_text.h"

namespace assay::formats::disks {
namespace {

constexpr std::uint64_t kMbrEntries = 446;

// Both tables of a disk, and the one to believe.
struct Tables {
  std::optional<GptTable> primary = {};
  std::optional<GptTable> backup = {};

  [[nodiscard]] const GptTable& best() const {
    const bool prefer_backup = !primary || (!primary->entries_intact &&
                                            backup && backup->entries_intact);
    return prefer_backup ? *backup : *primary;
  }
};

std::optional<GptTable> BackupOf(const GptTable& primary, ByteView bytes) {
  auto table =
      ReadGptTable(bytes, primary.header.alternate_lba, primary.sector);
  if (table && table->header.alternate_lba == primary.header.my_lba) {
    return table;
  }
  return std::nullopt;
}

std::uint64_t EndOf(const GptTable& primary, ByteView bytes) {
  const auto backup = BackupOf(primary, bytes);
  const std::uint64_t last =
      backup ? primary.header.alternate_lba : primary.header.last_usable;
  return std::min<std::uint64_t>(SectorRange(last, 1, primary.sector).end(),
                                 bytes.size());
}

class Disk {
 public:
  Disk(ByteSource source, Tables tables, ArtifactSink& sink)
      : source_(std::move(source)), tables_(std::move(tables)), sink_(sink) {}

  Result<void> Unpack() {
    const GptTable& best = tables_.best();
    CompareTables();
    const auto mbr = ReadMbr(source_.bytes(), 0);
    if (mbr) {
      coverage_.ClaimFree({0, kMbrSector}, RegionUse::kMetadata, sink_);
    }
    ClaimTable(tables_.primary);
    ClaimTable(tables_.backup);
    std::vector<Partition> partitions;
    if (auto listed = List(best, partitions); !listed) {
      return listed;
    }
    if (mbr) {
      AddHidden(*mbr, best.sector, partitions);
    } else {
      Report("gpt.missing-mbr", {0, kMbrSector},
             "no protective master boot record");
    }
    auto added =
        AddPartitions(source_, "gpt", std::move(partitions), coverage_, sink_);
    if (added) {
      coverage_.ClaimGaps(source_.bytes(), sink_);
    }
    return added;
  }

 private:
  void ClaimTable(const std::optional<GptTable>& table) {
    if (table) {
      coverage_.ClaimFree(table->place, RegionUse::kMetadata, sink_);
      coverage_.ClaimFree(table->entries, RegionUse::kMetadata, sink_);
    }
  }

  void CompareTables() {
    for (const auto* table : {&tables_.primary, &tables_.backup}) {
      if (*table && !(*table)->entries_intact) {
        Report("gpt.entries-crc-mismatch", (*table)->entries,
               "the partition entries do not have the header's CRC");
      }
    }
    if (!tables_.primary) {
      Report("gpt.primary-crc-mismatch", {kMbrSector, kMbrSector},
             "no intact primary table; the backup at the end is read");
      return;
    }
    const GptHeader& first = tables_.primary->header;
    if (!tables_.backup) {
      Report("gpt.missing-backup",
             SectorRange(first.alternate_lba, 1, tables_.primary->sector),
             fmt::format("no intact backup table in sector {}",
                         std::uint64_t{first.alternate_lba}));
      return;
    }
    const GptHeader& second = tables_.backup->header;
    if (first.disk_guid != second.disk_guid ||
        first.first_usable != second.first_usable ||
        first.last_usable != second.last_usable ||
        first.entry_count != second.entry_count ||
        first.entry_size != second.entry_size ||
        first.entries_crc != second.entries_crc) {
      Report("gpt.ambiguous-tables", tables_.backup->place,
             "primary and backup table differ");
    }
  }

  Result<void> List(const GptTable& table, std::vector<Partition>& into) {
    const GptHeader& header = table.header;
    for (std::uint32_t i = 0; i < header.entry_count; ++i) {
      const auto entry = ReadAt<GptEntry>(
          source_.bytes(),
          table.entries.offset + std::uint64_t{i} * header.entry_size);
      if (!entry || IsZero(entry->type)) {
        continue;
      }
      if (into.size() >= sink_.limits().entries) {
        return Fail(ErrorCode::kLimit, "gpt: too many partitions");
      }
      const std::uint64_t first = entry->first_lba;
      const std::uint64_t last = entry->last_lba;
      if (last < first || first < header.first_usable ||
          last > header.last_usable) {
        Report(
            "gpt.odd-partition", table.entries,
            fmt::format("partition {} covers sectors {} to {}, usable are "
                        "{} to {}",
                        i + 1, first, last, std::uint64_t{header.first_usable},
                        std::uint64_t{header.last_usable}));
      }
      const std::string type = TextOfGuid(entry->type);
      const std::string name = TextOfUtf16UntilNul(entry->name);
      Partition partition{
          .name = fmt::format("p{}.{}", i + 1, name.empty() ? type : name),
          .range = SectorRange(first, last < first ? 0 : last - first + 1,
                               table.sector),
          .notes = {{"gpt.type", type},
                    {"gpt.guid", TextOfGuid(entry->unique)}}};
      if (entry->attributes != 0) {
        partition.notes.emplace_back(
            "gpt.attributes",
            fmt::format("{:#018x}", std::uint64_t{entry->attributes}));
      }
      into.push_back(std::move(partition));
    }
    return {};
  }

  // A hybrid MBR names partitions of the GPT once more. What it names beyond
  // them, only systems that read the MBR see.
  void AddHidden(const Mbr& mbr, std::uint64_t sector,
                 std::vector<Partition>& partitions) {
    const bool protective =
        std::any_of(mbr.entries.begin(), mbr.entries.end(),
                    [](const MbrEntry& entry) { return entry.protective(); });
    if (!protective) {
      Report("gpt.ambiguous-mbr", {kMbrEntries, kMbrSector - kMbrEntries},
             "the master boot record protects no GPT");
    }
    const std::size_t known = partitions.size();
    for (std::size_t i = 0; i < mbr.entries.size(); ++i) {
      const MbrEntry& entry = mbr.entries.at(i);
      const Range range = SectorRange(entry.first, entry.count, sector);
      if (!entry.used() || entry.protective() ||
          std::any_of(partitions.begin(),
                      partitions.begin() + static_cast<std::ptrdiff_t>(known),
                      [&](const Partition& p) { return p.range == range; })) {
        continue;
      }
      const std::string name = fmt::format("mbr{}.{:#04x}", i + 1, entry.type);
      Report("gpt.hidden-mbr-partition",
             {kMbrEntries + i * sizeof(MbrEntry), sizeof(MbrEntry)},
             name + " is in the master boot record only");
      partitions.push_back({.name = name, .range = range});
    }
  }

  void Report(std::string id, Range range, std::string detail) {
    sink_.Report(
        {.id = std::move(id), .range = range, .detail = std::move(detail)});
  }

  ByteSource source_;
  Tables tables_;
  ArtifactSink& sink_;
  Coverage coverage_;
};

}  // namespace

Result<std::uint64_t> MeasureGpt(ByteView bytes) {
  const auto primary = ReadPrimaryGpt(bytes);
  if (!primary) {
    return Fail(ErrorCode::kNotThisFormat, "no intact primary GPT");
  }
  // One header alone may be another disk's, taken for larger sectors.
  if (!primary->entries_intact && !BackupOf(*primary, bytes)) {
    return Fail(ErrorCode::kMalformed, "no GPT with intact entries");
  }
  return EndOf(*primary, bytes);
}

Result<void> UnpackGpt(const ByteSource& source, ArtifactSink& sink) {
  Tables tables{.primary = ReadPrimaryGpt(source.bytes())};
  std::uint64_t end = source.size();
  if (tables.primary) {
    tables.backup = BackupOf(*tables.primary, source.bytes());
    end = EndOf(*tables.primary, source.bytes());
  } else {
    tables.backup = ReadLastGpt(source.bytes());
  }
  if (!tables.primary && !tables.backup) {
    return Fail(ErrorCode::kMalformed, "no intact GUID partition table");
  }
  return Disk(*source.Slice({0, end}), std::move(tables), sink).Unpack();
}

}  // namespace assay::formats::disks
