// exFAT.
// Layout: Microsoft exFAT file system specification (2019).
//
// Claims: both boot regions, the allocation table, bitmap, up-case table and
// the records of directories are metadata. A file in one piece gets its place
// as origin; other clusters of files are claimed as member bytes. What follows
// a file's (valid) end, deleted files and free clusters are padding when zero,
// else slack. Times without a zone are taken as UTC; there are no owners.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/cluster_chains.h"
#include "verifier/formats/filesystems/exfat_directory.h"
#include "verifier/formats/filesystems/exfat_volume.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using exfat::Entry;
using exfat::Listing;
using exfat::Special;
using exfat::Volume;

constexpr std::uint64_t kLargestDirectory = 256ULL << 20U;  // section 7.4
constexpr std::uint64_t kLargestUpCase = 131072;

class Walk {
 public:
  Walk(ByteSource source, Volume volume, ArtifactSink& sink)
      : source_(std::move(source)),
        volume_(std::move(volume)),
        sink_(sink),
        chains_(
            source_, volume_.layout,
            [this](std::uint32_t number) {
              return exfat::NextOf(volume_, bytes(), number);
            },
            "exfat", sink) {}

  Result<void> Run() {
    ClaimBoot();
    for (const Range& table : volume_.tables) {
      Claim(table);
    }
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
      if (auto ok = Visit(directory.path, entry); !ok) {
        return ok;
      }
    }
    CompareBitmap();
    coverage_.ClaimGaps(bytes(), sink_);
    if (volume_.size > source_.size()) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("exfat: the volume has {} bytes, the image {}",
                              volume_.size, source_.size()));
    }
    return {};
  }

 private:
  struct Directory {
    std::string path = {};  // empty: the root
    std::vector<Entry> entries = {};
    std::size_t next = 0;
  };

  [[nodiscard]] ByteView bytes() const { return source_.bytes(); }

  void Claim(Range range) {
    if (Slice(bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  void ClaimBoot() {
    for (const std::uint64_t number : {0U, 1U}) {
      const Range region = volume_.BootRegion(number);
      const auto content = Slice(bytes(), region.offset, region.length);
      if (content && !exfat::ChecksumHolds(*content, volume_.sector)) {
        chains_.Report(
            "checksum-mismatch", region,
            fmt::format("boot region {} does not have its checksum", number));
      }
      Claim(region);
    }
    const auto second =
        ReadAt<exfat::BootSector>(bytes(), volume_.BootRegion(1).offset);
    exfat::BootSector first = volume_.boot;
    if (second) {
      first.flags = second->flags;
      first.percent = second->percent;
      if (AsText(BytesOf(first)) != AsText(BytesOf(*second))) {
        chains_.Report("ambiguous-boot-sector", volume_.BootRegion(1),
                       "the backup of the boot sector differs");
      }
    }
  }

  // A chain of clusters, or clusters in a row.
  Chain Locate(std::uint32_t cluster, std::uint64_t size, bool contiguous) {
    return contiguous ? chains_.Row(cluster, size)
                      : chains_.Follow(cluster, size);
  }

  [[nodiscard]] Result<ByteSource> Read(const Chain& chain) const {
    std::vector<Extent> extents;
    for (const Range& extent : chain.extents) {
      extents.push_back({.range = extent});
    }
    return source_.Gather(extents, sink_.limits().memory_per_member,
                          kLargestDirectory);
  }

  // Claims the first `length` bytes of a chain.
  void ClaimStart(const Chain& chain, std::uint64_t length) {
    for (const Range& extent : chain.extents) {
      const std::uint64_t part = std::min(length, extent.length);
      Claim({extent.offset, part});
      length -= part;
    }
  }

  Listing List(const std::string& path, const Chain& chain) {
    if (!chain.problem.empty()) {
      chains_.Report("bad-directory", {}, path + ": " + chain.problem);
    }
    const auto content = Read(chain);
    if (!content) {
      chains_.Report("bad-directory", {}, path + ": " + content.error().what);
      return {};
    }
    Listing listing = exfat::ReadDirectory(
        content->bytes(), upper_,
        [&](std::string_view what, std::string detail, std::uint64_t at) {
          chains_.Report(
              what, PlaceIn(chain, at),
              fmt::format("{}: {}", path.empty() ? "." : path, detail));
        });
    ClaimStart(chain, listing.used);
    return listing;
  }

  static Range PlaceIn(const Chain& chain, std::uint64_t at) {
    for (const Range& extent : chain.extents) {
      if (at < extent.length) {
        return {extent.offset + at, 32};
      }
      at -= extent.length;
    }
    return {};
  }

  // The up-case table is in the root, and checks its names: it is found first.
  Result<void> AddRoot() {
    const Chain chain = chains_.Follow(volume_.boot.root, kLargestDirectory);
    if (const auto content = Read(chain)) {
      const Listing first =
          exfat::ReadDirectory(content->bytes(), {}, [](auto, auto, auto) {});
      for (const Special& special : first.specials) {
        ReadSpecial(special);
      }
    }
    Listing listing = List("", chain);
    Member member{.name = "."};
    member.meta.type = FileType::kDirectory;
    for (const Special& special : listing.specials) {
      if (special.type == Special::kLabel) {
        member.meta.xattrs.emplace_back("exfat.label", special.label);
      }
    }
    if (bitmap_.size() == 0 || upper_.empty()) {
      chains_.Report("missing-tables", {},
                     "no allocation bitmap or no up-case table");
    }
    open_.push_back({.entries = std::move(listing.entries)});
    return sink_.AddEmpty(std::move(member));
  }

  void ReadSpecial(const Special& special) {
    if (special.type == Special::kLabel) {
      return;
    }
    const bool bitmap = special.type == Special::kBitmap;
    const std::uint64_t most =
        bitmap ? std::uint64_t{volume_.layout.clusters} / 8 + 1
               : kLargestUpCase;
    const std::uint64_t size = std::min(special.size, most);
    const Chain chain = chains_.Follow(special.cluster, size);
    const auto content = Read(chain);
    if (!content || content->size() < size) {
      chains_.Report("bad-table", {},
                     fmt::format("the {} is cut short: {}",
                                 bitmap ? "allocation bitmap" : "up-case table",
                                 chain.problem));
      return;
    }
    ClaimStart(chain, size);
    const ByteSource table = *content->Slice({0, size});
    if (!bitmap) {
      upper_ = exfat::ReadUpCase(table.bytes());
      if (exfat::UpCaseChecksum(table.bytes()) != special.checksum) {
        chains_.Report("checksum-mismatch", PlaceIn(chain, 0),
                       "the up-case table does not have its checksum");
      }
    } else if ((special.flags & 1U) == volume_.active) {
      bitmap_ = table;
    }
  }

  Result<void> Visit(const std::string& path, const Entry& entry) {
    Member member{.name = path.empty() ? entry.name : path + "/" + entry.name};
    if (++entries_ > sink_.limits().entries ||
        member.name.size() > sink_.limits().name) {
      return Fail(ErrorCode::kLimit,
                  "exfat: too many entries or too long a path");
    }
    if (entry.name.empty() || entry.name == "." || entry.name == ".." ||
        entry.name.find_first_of(std::string_view("/\0", 2)) !=
            std::string::npos) {
      chains_.Report("odd-name", {}, member.name + " is no plain name");
    }
    member.meta.mtime = entry.mtime;
    std::string attributes;
    for (const auto& [bit, name] : {std::pair(Entry::kReadOnly, "read-only"),
                                    std::pair(Entry::kHidden, "hidden"),
                                    std::pair(Entry::kSystem, "system")}) {
      if (entry.Is(bit)) {
        attributes += attributes.empty() ? "" : " ";
        attributes += name;
      }
    }
    if (!attributes.empty()) {
      member.meta.xattrs.emplace_back("exfat.attributes", attributes);
    }
    return entry.Is(Entry::kDirectory)
               ? VisitDirectory(std::move(member), entry)
               : VisitFile(std::move(member), entry);
  }

  Result<void> VisitDirectory(Member member, const Entry& entry) {
    member.meta.type = FileType::kDirectory;
    Directory directory{.path = member.name};
    if (entry.size > kLargestDirectory || chains_.IsTaken(entry.cluster)) {
      chains_.Report("overlapping-chains", {},
                     member.name +
                         " is too large, or begins in a cluster "
                         "that is another's");
    } else if (entry.size > 0) {
      const Chain chain = Locate(entry.cluster, entry.size, entry.contiguous);
      directory.entries = List(directory.path, chain).entries;
    }
    auto added = sink_.AddEmpty(std::move(member));
    open_.push_back(std::move(directory));
    return added;
  }

  Result<void> VisitFile(Member member, const Entry& entry) {
    Chain chain;
    if (entry.size > 0) {
      chain = Locate(entry.cluster, entry.size, entry.contiguous);
    }
    if (entry.valid > entry.size) {
      chains_.Report("size-mismatch", {},
                     fmt::format("{} has {} bytes, {} of them valid",
                                 member.name, entry.size, entry.valid));
    }
    const std::uint64_t valid = std::min(entry.valid, entry.size);
    return chains_.AddFile(std::move(member), std::move(chain), valid,
                           entry.size - valid, coverage_);
  }

  // The bitmap repeats what files and directories say.
  void CompareBitmap() {
    if (bitmap_.size() == 0) {
      return;
    }
    const ByteView bits = bitmap_.bytes();
    std::uint64_t lost = 0;
    std::uint64_t unmarked = 0;
    for (std::uint32_t i = 0; i < chains_.visible(); ++i) {
      const std::size_t at = i / 8;
      const bool marked = at < bits.size() && ((bits[at] >> (i % 8)) & 1U) != 0;
      const bool taken = chains_.IsTaken(i + 2);
      lost += marked && !taken ? 1 : 0;
      unmarked += taken && !marked ? 1 : 0;
    }
    if (lost > 0) {
      chains_.Report("unlisted-clusters", {},
                     fmt::format("{} clusters are in use by no file", lost));
    }
    if (unmarked > 0) {
      chains_.Report(
          "ambiguous-clusters", {},
          fmt::format("{} clusters of files are marked as free", unmarked));
    }
  }

  ByteSource source_;
  Volume volume_;
  ArtifactSink& sink_;
  ClusterChains chains_;
  Coverage coverage_;
  exfat::UpCase upper_;
  ByteSource bitmap_;
  std::vector<Directory> open_;  // from the root to where the walk is
  std::uint64_t entries_ = 0;
};

bool Matches(ByteView head) {
  return exfat::ReadVolume(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = exfat::ReadVolume(bytes);
  if (!volume) {
    return Fail(ErrorCode::kNotThisFormat, "no exFAT volume");
  }
  if (volume->size > bytes.size()) {
    return Fail(ErrorCode::kTruncated, "the exFAT volume ends past the input");
  }
  return volume->size;
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& source = input.source();
  auto volume = exfat::ReadVolume(source.bytes());
  if (!volume) {
    return Fail(ErrorCode::kMalformed, "no exFAT volume");
  }
  const std::uint64_t size = std::min(volume->size, source.size());
  return Walk(*source.Slice({0, size}), std::move(*volume), sink).Run();
}

constexpr Magic kMagics[] = {{"EXFAT   ", 3}};  // NOLINT: a table

}  // namespace

extern const Format kExfat;
const Format kExfat = {
    .name = "exfat",
    .title = "exFAT file system",
    .reference = "Microsoft exFAT file system specification (2019)",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
