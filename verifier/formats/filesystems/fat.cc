// FAT12, FAT16 and FAT32, with long names.
// Layout: Microsoft FAT File System Specification (2005); case bits of short
// names and the choice of the table as in Linux fs/fat.
//
// Claims: boot sector, information sector, backup, allocation tables and the
// records of directories are metadata. A file in one piece gets its place as
// origin; other clusters of files are claimed as member bytes. What follows a
// file's end, deleted files, free and bad clusters are padding when zero, else
// slack. Times have no zone and are taken as UTC. There are no owners or modes.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/cluster_chains.h"
#include "verifier/formats/filesystems/fat_directory.h"
#include "verifier/formats/filesystems/fat_volume.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using fat::Entry;
using fat::Volume;

struct InfoSector {  // section 5
  Be32 lead = {};
  std::array<std::uint8_t, 480> reserved = {};
  Be32 signature = {};
  Le32 free_clusters, next_free;
  std::array<std::uint8_t, 12> reserved2 = {};
  Be32 trail = {};

  [[nodiscard]] bool IsIntact() const {
    return lead == 0x52526141 && signature == 0x72724161 && trail == 0x000055AA;
  }
};
static_assert(sizeof(InfoSector) == 512 && FileStruct<InfoSector>);

bool IsOddName(std::string_view name) {
  return name.empty() || name == "." || name == ".." ||
         name.find_first_of(std::string_view("/\0", 2)) !=
             std::string_view::npos;
}

class Walk {
 public:
  Walk(ByteSource source, Volume volume, ArtifactSink& sink)
      : source_(std::move(source)),
        volume_(std::move(volume)),
        sink_(sink),
        chains_(
            source_, volume_.layout,
            [this](std::uint32_t number) {
              return fat::EntryOf(volume_, bytes(), number);
            },
            "fat", sink) {}

  Result<void> Run() {
    ClaimReserved();
    ClaimTables();
    if (auto ok = AddRoot(); !ok) {
      return ok;
    }
    while (!open_.empty()) {
      Directory& directory = open_.back();
      if (directory.next == directory.entries.size()) {
        open_.pop_back();
        continue;
      }
      const Entry entry = std::move(directory.entries[directory.next++]);
      if (auto ok = Visit(directory, entry); !ok) {
        return ok;
      }
    }
    ReportClusters();
    coverage_.ClaimGaps(bytes(), sink_);
    if (volume_.size > source_.size()) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("fat: the volume has {} bytes, the image {}",
                              volume_.size, source_.size()));
    }
    return {};
  }

 private:
  struct Directory {
    std::string path = {};  // empty: the root
    std::vector<Entry> entries = {};
    std::size_t next = 0;
    std::uint32_t cluster = 0;
    std::uint32_t parent = 0;
  };

  [[nodiscard]] ByteView bytes() const { return source_.bytes(); }

  void Report(std::string id, Range range, std::string detail) {
    sink_.Report(
        {.id = std::move(id), .range = range, .detail = std::move(detail)});
  }

  void ClaimMetadata(Range range) {
    if (Slice(bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  void ClaimReserved() {
    ClaimMetadata({0, fat::kBootSector});
    if (volume_.bits != 32) {
      return;
    }
    ClaimInfo(volume_.boot.info_sector);
    const std::uint64_t backup = volume_.boot.backup_sector * volume_.sector;
    if (backup == 0 || volume_.boot.backup_sector == 0xFFFF ||
        volume_.boot.backup_sector >= volume_.boot.reserved_sectors) {
      return;
    }
    const auto first = Slice(bytes(), 0, fat::kBootSector);
    const auto second = Slice(bytes(), backup, fat::kBootSector);
    if (!first || !second) {
      return;
    }
    if (AsText(*first) != AsText(*second)) {
      Report("fat.ambiguous-boot-sector", {backup, fat::kBootSector},
             "the backup of the boot sector differs");
    }
    ClaimMetadata({backup, fat::kBootSector});
    ClaimInfo(std::uint64_t{volume_.boot.backup_sector} +
              volume_.boot.info_sector);
  }

  void ClaimInfo(std::uint64_t sector) {
    const Range place{sector * volume_.sector, sizeof(InfoSector)};
    const auto info = ReadAt<InfoSector>(bytes(), place.offset);
    if (sector != 0 && sector < volume_.boot.reserved_sectors && info &&
        info->IsIntact()) {
      ClaimMetadata(place);
    }
  }

  void ClaimTables() {
    const bool mirrored =
        volume_.bits != 32 || (volume_.boot.flags & 0x80U) == 0;
    const auto first = Slice(bytes(), volume_.tables.front().offset,
                             volume_.tables.front().length);
    for (const Range& table : volume_.tables) {
      ClaimMetadata(table);
      const auto copy = Slice(bytes(), table.offset, table.length);
      if (mirrored && first && copy && AsText(*first) != AsText(*copy)) {
        Report("fat.ambiguous-tables", table,
               "the copies of the allocation table differ");
      }
    }
  }

  Result<void> AddRoot() {
    Directory root;
    Member member{.name = "."};
    member.meta.type = FileType::kDirectory;
    if (volume_.bits == 32) {
      root.cluster = volume_.boot.root_cluster;
      ReadChained(root);
    } else if (const auto piece =
                   Slice(bytes(), volume_.root.offset, volume_.root.length)) {
      fat::DirectoryReader reader(false, Reporter(volume_.root.offset));
      ClaimMetadata({volume_.root.offset, reader.Read(*piece, root.entries)});
    }
    for (const Entry& entry : root.entries) {
      if (entry.Is(Entry::kLabel)) {
        member.meta.xattrs.emplace_back("fat.label", entry.name);
      }
    }
    if (!volume_.label.empty()) {
      member.meta.xattrs.emplace_back("fat.boot-label", volume_.label);
    }
    open_.push_back(std::move(root));
    return sink_.AddEmpty(std::move(member));
  }

  std::function<void(std::string, std::uint64_t)> Reporter(
      std::uint64_t offset) {
    return [this, offset](std::string detail, std::uint64_t at) {
      Report("fat.orphan-long-name", {offset + at, 32}, std::move(detail));
    };
  }

  // Reads the records of a directory that is a chain of clusters.
  void ReadChained(Directory& directory) {
    const Chain chain = chains_.Follow(directory.cluster, ~0ULL);
    if (!chain.problem.empty()) {
      Report("fat.bad-directory", {}, directory.path + ": " + chain.problem);
    }
    std::uint64_t place = 0;
    fat::DirectoryReader reader(volume_.bits == 32,
                                [&](std::string detail, std::uint64_t at) {
                                  Reporter(place)(std::move(detail), at);
                                });
    for (const Range& extent : chain.extents) {
      place = extent.offset;
      const auto piece = Slice(bytes(), extent.offset, extent.length);
      if (!piece || reader.ended()) {
        break;
      }
      ClaimMetadata({place, reader.Read(*piece, directory.entries)});
    }
  }

  Result<void> Visit(const Directory& directory, const Entry& entry) {
    if (entry.Is(Entry::kLabel)) {
      return {};
    }
    if (entry.Is(Entry::kDirectory) &&
        (entry.name == "." || entry.name == "..")) {
      CheckDots(directory, entry);
      return {};
    }
    Member member{.name = directory.path.empty()
                              ? entry.name
                              : directory.path + "/" + entry.name};
    if (++entries_ > sink_.limits().entries ||
        member.name.size() > sink_.limits().name) {
      return Fail(ErrorCode::kLimit,
                  "fat: too many entries or too long a path");
    }
    if (IsOddName(entry.name)) {
      Report("fat.odd-name", {}, member.name + " is no plain name");
    }
    member.meta.mtime = entry.mtime;
    PutAttributes(entry, member.meta);
    return entry.Is(Entry::kDirectory)
               ? VisitDirectory(std::move(member), entry, directory.cluster)
               : VisitFile(std::move(member), entry);
  }

  // The parent of a directory in the root is written as cluster 0.
  void CheckDots(const Directory& directory, const Entry& entry) {
    const std::uint32_t root =
        volume_.bits == 32 ? std::uint32_t{volume_.boot.root_cluster} : 0;
    const std::uint32_t expected =
        entry.name == "." ? directory.cluster : directory.parent;
    if (directory.path.empty() || (entry.cluster != expected &&
                                   !(entry.cluster == 0 && expected == root))) {
      Report("fat.ambiguous-parent", {},
             fmt::format("{} of {} is cluster {}, not {}", entry.name,
                         directory.path, entry.cluster, expected));
    }
  }

  static void PutAttributes(const Entry& entry, FileMetadata& meta) {
    std::string text;
    for (const auto& [bit, name] : {std::pair(Entry::kReadOnly, "read-only"),
                                    std::pair(Entry::kHidden, "hidden"),
                                    std::pair(Entry::kSystem, "system")}) {
      if (entry.Is(bit)) {
        text += text.empty() ? "" : " ";
        text += name;
      }
    }
    if (!text.empty()) {
      meta.xattrs.emplace_back("fat.attributes", text);
    }
    if (!entry.short_name.empty()) {
      meta.xattrs.emplace_back("fat.short-name", entry.short_name);
    }
  }

  Result<void> VisitDirectory(Member member, const Entry& entry,
                              std::uint32_t parent) {
    member.meta.type = FileType::kDirectory;
    Directory directory{
        .path = member.name, .cluster = entry.cluster, .parent = parent};
    if (volume_.layout.Holds(entry.cluster) && chains_.IsTaken(entry.cluster)) {
      Report("fat.overlapping-chains", volume_.layout.PlaceOf(entry.cluster),
             member.name + " begins in a cluster that is another's");
    } else {
      ReadChained(directory);
    }
    auto added = sink_.AddEmpty(std::move(member));
    open_.push_back(std::move(directory));
    return added;
  }

  Result<void> VisitFile(Member member, const Entry& entry) {
    Chain chain;
    if (entry.size > 0 || entry.cluster != 0) {
      chain = chains_.Follow(entry.cluster, ~0ULL);
    }
    if (chain.length > entry.size &&
        chain.length - entry.size >= volume_.layout.cluster) {
      Report("fat.size-mismatch", chain.extents.front(),
             fmt::format("{} has {} bytes, its chain {}", member.name,
                         entry.size, chain.length));
    }
    return chains_.AddFile(std::move(member), std::move(chain), entry.size, 0,
                           coverage_);
  }

  // Clusters that no file has, and that are not free either.
  void ReportClusters() {
    std::uint64_t lost = 0;
    std::uint64_t bad = 0;
    for (std::uint32_t i = 0; i < chains_.visible(); ++i) {
      const std::uint32_t number = i + 2;
      const Range place = volume_.layout.PlaceOf(number);
      const auto content = Slice(bytes(), place.offset, place.length);
      const std::uint32_t entry = fat::EntryOf(volume_, bytes(), number);
      if (entry == fat::kFree || chains_.IsTaken(number) || !content) {
        continue;
      }
      const bool hides = entry == fat::kBad && !IsZero(*content);
      bad += hides ? 1 : 0;
      lost += entry != fat::kBad ? 1 : 0;
    }
    if (bad > 0) {
      Report("fat.hidden-bad-clusters", volume_.tables[volume_.active],
             fmt::format("{} clusters marked as bad hold data", bad));
    }
    if (lost > 0) {
      Report("fat.unlisted-clusters", volume_.tables[volume_.active],
             fmt::format("{} clusters are in use by no file", lost));
    }
  }

  ByteSource source_;
  Volume volume_;
  ArtifactSink& sink_;
  ClusterChains chains_;
  Coverage coverage_;
  std::vector<Directory> open_;  // from the root to where the walk is
  std::uint64_t entries_ = 0;
};

bool Matches(ByteView head) {
  return fat::ReadVolume(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = fat::ReadVolume(bytes);
  if (!volume) {
    return Fail(ErrorCode::kNotThisFormat, "no FAT volume");
  }
  if (volume->size > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "the FAT volume ends past the input");
  }
  return volume->size;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  auto volume = fat::ReadVolume(source.bytes());
  if (!volume) {
    return Fail(ErrorCode::kMalformed, "no FAT volume");
  }
  const std::uint64_t size = std::min(volume->size, source.size());
  return Walk(*source.Slice({0, size}), std::move(*volume), sink).Run();
}

// A magic long enough to look for anywhere, so not the 0x55 0xAA.
constexpr Magic kMagics[] = {{"FAT12   ", 54},  // NOLINT: a table
                             {"FAT16   ", 54},
                             {"FAT     ", 54},
                             {"FAT32   ", 82}};

}  // namespace

extern const Format kFat;
const Format kFat = {
    .name = "fat",
    .title = "FAT12, FAT16 or FAT32 file system",
    .reference = "Microsoft FAT File System Specification (2005)",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
