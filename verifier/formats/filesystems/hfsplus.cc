// HFS Plus and HFSX, the file systems of Mac OS. Layout: Apple Technical Note
// TN1150, "HFS Plus Volume Format".
//
// Members: every file, its resource fork as "<name>:rsrc"; names with ':' for
// '/', as macOS shows them. Hard links lead to files of a private folder, which
// is left out, but for what nothing leads to. Extended attributes and Finder
// information are xattrs; files that are kept compressed are decompressed.
//
// Claims: headers, B-tree nodes in use, the allocation file, links and the
// journal are metadata, forks their file's; free nodes and free blocks are
// slack when they are not zero.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "verifier/formats/filesystems/hfsplus_catalog.h"
#include "verifier/formats/filesystems/hfsplus_tree.h"
#include "verifier/formats/filesystems/hfsplus_volume.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using hfsplus::Attributes;
using hfsplus::Btree;
using hfsplus::Catalog;
using hfsplus::ForkData;
using hfsplus::Header;
using hfsplus::Item;
using hfsplus::kHeaderAt;
using hfsplus::Malformed;
using hfsplus::Tree;
using hfsplus::Volume;

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kMostSpecial = 1ULL << 30U;  // bytes of a B-tree file

struct Layout {
  Header header = {};
  std::uint64_t end = 0;
  bool backup = false;  // the other header stands 1024 bytes before the end
};

// A volume ends with whole blocks, or with the partition somewhat later.
std::optional<Layout> ReadLayout(ByteView bytes) {
  const auto header = hfsplus::Recognize(bytes);
  if (!header) {
    return std::nullopt;
  }
  Layout layout{.header = *header};
  const std::uint64_t size = std::uint64_t{header->blocks} * header->block_size;
  layout.end = size;
  for (std::uint64_t end = size; end < size + header->block_size;
       end += kSector) {
    const auto backup = ReadAt<Header>(bytes, end - kHeaderAt);
    if (backup && backup->signature == header->signature &&
        backup->block_size == header->block_size &&
        backup->blocks == header->blocks && end <= bytes.size()) {
      layout.end = end;
      layout.backup = true;
      break;
    }
  }
  return layout;
}

bool Matches(ByteView head) {
  return hfsplus::Recognize(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto layout = ReadLayout(bytes);
  if (!layout) {
    return Fail(ErrorCode::kNotThisFormat, "no HFS Plus volume header");
  }
  if (layout->end > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("hfsplus: {} bytes are stated, {} are there",
                            layout->end, bytes.size()));
  }
  constexpr std::uint64_t kKindAt = 8;
  constexpr std::uint8_t kHeaderNode = 1;
  const std::uint64_t tree =
      std::uint64_t{layout->header.catalog.extents[0].start} *
      layout->header.block_size;
  const auto kind = ReadAt<std::uint8_t>(bytes, tree + kKindAt);
  if (!layout->backup || kind != kHeaderNode) {
    return Malformed("no other header, or no catalog");
  }
  return layout->end;
}

class Reader {
 public:
  Reader(Volume volume, const Layout& layout, ArtifactSink& sink)
      : volume_(std::move(volume)), layout_(layout), sink_(sink) {}

  Result<void> Run() {
    ClaimHeaders();
    const Header& header = volume_.header();
    ClaimFork(hfsplus::kAllocationFile, header.allocation,
              RegionUse::kMetadata);
    if (const auto extents = OpenTree(hfsplus::kExtentsFile, header.extents)) {
      hfsplus::LoadOverflow(*extents, volume_);
    }
    std::optional<Attributes> attributes;
    if (header.attributes_file.size > 0) {
      if (auto tree =
              OpenTree(hfsplus::kAttributesFile, header.attributes_file)) {
        attributes.emplace(std::move(*tree));
      }
    }
    auto tree = OpenTree(hfsplus::kCatalogFile, header.catalog);
    if (!tree) {
      return Finish(Malformed("the catalog cannot be read").value());
    }
    const auto catalog =
        Catalog::Read(std::move(*tree), sink_.limits().entries);
    if (!catalog || !catalog->root()) {
      return Finish(catalog ? Malformed("there is no root folder").value()
                            : catalog.error());
    }
    return WalkFiles(*catalog, attributes ? &*attributes : nullptr);
  }

 private:
  void Report(std::string_view what, std::string detail, Range range = {}) {
    sink_.Report({.id = fmt::format("hfsplus.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  void Claim(Range range, RegionUse use) {
    const std::uint64_t size = volume_.source().size();
    if (range.offset < size) {
      range.length = std::min(range.length, size - range.offset);
      coverage_.ClaimFree(range, use, sink_);
    }
  }

  void ClaimHeaders() {
    Claim({kHeaderAt, sizeof(Header)}, RegionUse::kMetadata);
    if (layout_.backup) {
      Claim({layout_.end - kHeaderAt, sizeof(Header)}, RegionUse::kMetadata);
    } else {
      Report("no-backup-header", "the other header is not at its end");
    }
  }

  void ClaimFork(std::uint32_t file, const ForkData& fork, RegionUse use) {
    const auto extents = volume_.Map(file, hfsplus::kDataFork, fork);
    if (!extents) {
      damage_ = damage_ ? damage_ : extents.error();
      return;
    }
    for (const Extent& extent : *extents) {
      Claim(extent.range, use);
    }
  }

  std::optional<Btree> OpenTree(std::uint32_t file, const ForkData& fork) {
    const auto extents = volume_.Map(file, hfsplus::kDataFork, fork);
    auto content = extents ? volume_.Read(*extents, fork.size, kMostSpecial)
                           : Result<ByteSource>(Fail(extents.error()));
    auto tree = content ? Btree::Open(std::move(*content))
                        : Result<Btree>(Fail(content.error()));
    if (!tree) {
      damage_ = damage_ ? damage_ : tree.error();
      return std::nullopt;
    }
    for (const std::string& problem : tree->problems()) {
      Report("bad-tree", fmt::format("file {}: {}", file, problem));
    }
    ClaimNodes(*tree, *extents);
    return std::move(*tree);
  }

  void ClaimNodes(const Btree& tree, const std::vector<Extent>& extents) {
    const std::uint64_t node = tree.node_size();
    std::uint64_t logical = 0;
    for (const Extent& extent : extents) {
      for (std::uint64_t at = 0; at < extent.range.length;) {
        const std::uint64_t number = (logical + at) / node;
        const std::uint64_t count =
            std::min(extent.range.length - at, node - (logical + at) % node);
        const Range range{extent.range.offset + at, count};
        if (tree.IsUsed(number)) {
          Claim(range, RegionUse::kMetadata);
        }
        at += count;
      }
      logical += extent.range.length;
    }
  }

  Result<void> WalkFiles(const Catalog& catalog, const Attributes* attributes) {
    if (catalog.repeated() > 0) {
      Report("repeated-id",
             fmt::format("{} files or folders have the number of another",
                         catalog.repeated()));
    }
    Tree tree(volume_, catalog, attributes, coverage_, sink_);
    TreeWalk walk(tree, "hfsplus", sink_);
    if (auto ok = walk.Run(*catalog.root() + 1); !ok) {
      return ok;
    }
    if (auto ok = GiveUnlisted(catalog, tree, walk); !ok) {
      return ok;
    }
    if (auto ok = AddStartup(); !ok) {
      return ok;
    }
    if (walk.damage()) {
      damage_ = damage_ ? damage_ : walk.damage();
    } else {
      walk.CompareLinks();
    }
    return Finish(std::nullopt);
  }

  // What no folder leads to, from the root down.
  static Result<void> GiveUnlisted(const Catalog& catalog, Tree& tree,
                                   TreeWalk& walk) {
    for (std::size_t i = 0; i < catalog.items().size(); ++i) {
      const Item& item = catalog.items()[i];
      if (tree.IsListed(i) || walk.Reached(i + 1) ||
          catalog.IsPrivateFolder(item)) {
        continue;
      }
      tree.Report("unlisted-file",
                  fmt::format("{} is in no folder that can be reached",
                              hfsplus::PosixName(item.name)));
      const std::uint32_t id = catalog.RecordOf(item).id;
      const auto link = catalog.LinkOf(item);
      const std::size_t target = link ? link->target.value_or(i) : i;
      if (auto ok = walk.RunUnlisted(target + 1, fmt::format("#{}", id)); !ok) {
        return ok;
      }
    }
    return {};
  }

  // Code for machines whose firmware knows no HFS Plus.
  Result<void> AddStartup() {
    const ForkData& fork = volume_.header().startup;
    if (fork.size == 0) {
      return {};
    }
    auto extents = volume_.Map(hfsplus::kStartupFile, hfsplus::kDataFork, fork);
    if (!extents) {
      return sink_.AddOpaque({.name = "#startup"}, extents.error().what);
    }
    FitExtents(*extents, fork.size);
    return AddExtents(volume_.source(), *extents, {.name = "#startup"},
                      "hfsplus", Sharing::kAnomalous, coverage_, sink_);
  }

  // Its two files are in the root folder as well, when macOS made it.
  void ClaimJournal() {
    struct JournalInfo {
      Be32 flags;
      std::array<Be32, 8> device;
      Be64 offset, size;
    };
    struct JournalHeader {
      Be32 magic, order;
      std::array<std::uint8_t, 16> places;  // start and end, in `order`
    };
    constexpr std::uint32_t kInVolume = 1;
    const Header& header = volume_.header();
    const std::uint64_t at =
        std::uint64_t{header.journal_block} * volume_.block_size();
    const ByteView bytes = volume_.source().bytes();
    const auto info = ReadAt<JournalInfo>(bytes, at);
    if ((header.attributes & Header::kJournaled) == 0 || at == 0 || !info) {
      return;
    }
    Claim({at, sizeof(JournalInfo)}, RegionUse::kMetadata);
    const auto journal = ReadAt<JournalHeader>(bytes, info->offset);
    if ((info->flags & kInVolume) == 0 || !journal) {
      return;
    }
    Claim({info->offset, info->size}, RegionUse::kMetadata);
    if (!std::equal(journal->places.begin(), journal->places.begin() + 8,
                    journal->places.begin() + 8)) {
      Report("pending-journal",
             "the journal holds changes that are not yet in the volume",
             {info->offset, sizeof(JournalHeader)});
    }
  }

  Result<void> Finish(std::optional<Error> error) {
    ClaimJournal();
    coverage_.ClaimGaps(volume_.source().bytes(), sink_);
    if (error || damage_) {
      return Fail(error ? *error : *damage_);
    }
    return {};
  }

  Volume volume_;
  const Layout& layout_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::optional<Error> damage_;
};

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const ByteSource& whole = input.source();
  const auto layout = ReadLayout(whole.bytes());
  if (!layout) {
    return Fail(ErrorCode::kMalformed, "hfsplus: no volume header");
  }
  const std::uint64_t size = std::min(layout->end, whole.size());
  Volume volume(*whole.Slice({0, size}), layout->header);
  if (auto ok = Reader(std::move(volume), *layout, sink).Run(); !ok) {
    return ok;
  }
  if (layout->end > size) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("hfsplus: {} bytes are stated, {} are there",
                            layout->end, size));
  }
  return input.Skip(size);
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {std::string_view("H+\0\x04", 4), kHeaderAt},
    {std::string_view("HX\0\x05", 4), kHeaderAt}};

}  // namespace

extern const Format kHfsplus;
const Format kHfsplus = {
    .name = "hfsplus",
    .title = "HFS Plus and HFSX file system",
    .reference = "Apple Technical Note TN1150",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
