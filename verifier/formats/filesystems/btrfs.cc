// Btrfs, as far as it lies on one device. Layout: Linux include/uapi/linux/
// btrfs_tree.h.
//
// Claims: super blocks and every node of every tree, in all copies, are
// metadata. A file has its extents, in all copies; subvolumes are directories.
// What nothing leads to, older nodes and extents among it, is slack when it is
// not zero.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "verifier/formats/filesystems/btrfs_checksum.h"
#include "verifier/formats/filesystems/btrfs_tree.h"

namespace assay::formats {
namespace {

using btrfs::Item;
using btrfs::Key;
using btrfs::Root;
using btrfs::Super;
using btrfs::Tree;
using btrfs::Volume;

constexpr std::uint64_t kMostItems = 100'000'000;
constexpr std::uint64_t kLastSubvolume = ~0ULL - 255;

bool IsSubvolume(std::uint64_t tree) {
  return tree == btrfs::kFileTree ||
         (tree >= btrfs::kFirstSubvolume && tree <= kLastSubvolume);
}

class Accounts {
 public:
  Accounts(Volume& volume, Coverage& coverage, ArtifactSink& sink, Tree& tree)
      : volume_(volume), coverage_(coverage), sink_(sink), tree_(tree) {}

  void ClaimSupers() {
    const Super& super = volume_.super();
    const ByteView bytes = volume_.source().bytes();
    const auto key = [](const Super& one) {
      return std::tuple(one.fsid, std::uint64_t{one.generation},
                        std::uint64_t{one.root}, std::uint64_t{one.chunk_root});
    };
    constexpr std::uint64_t kCopies[] = {btrfs::kSuperOffset, 64ULL << 20U,
                                         256ULL << 30U};
    for (const std::uint64_t at : kCopies) {
      const Range range{at, sizeof(Super)};
      const auto copy = ReadAt<Super>(bytes, at);
      if (!copy || copy->magic != super.magic) {
        continue;
      }
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
      if (key(*copy) != key(super)) {
        volume_.Report("ambiguous-superblock", range,
                       "a copy of the super block differs");
      }
      const auto checked = *Slice(bytes, at + sizeof(super.checksum),
                                  sizeof(Super) - sizeof(super.checksum));
      const auto intact = btrfs::HasChecksum(super.checksum_type, checked,
                                             *Slice(bytes, at, sizeof(Super)));
      if (!intact) {
        volume_.Report("unchecked", range, "BLAKE2b is not computed here");
      } else if (!*intact) {
        volume_.Report("checksum-mismatch", range, "super block");
      }
    }
    if (super.log_root != 0) {
      volume_.Report("ambiguous-journal", {btrfs::kSuperOffset, sizeof(Super)},
                     "the log was not replayed: a mount may show other files "
                     "than these");
    }
  }

  // The nodes of all trees, and the extents that the tree of roots has itself.
  Result<void> ClaimTrees() {
    const Super& super = volume_.super();
    const Root roots{super.root, super.root_level};
    std::vector<Root> trees = {roots, {super.chunk_root, super.chunk_level}};
    if (super.log_root != 0) {
      trees.push_back({super.log_root, super.log_level});
    }
    std::vector<std::uint64_t> ids;
    const auto listed =
        volume_.ForEach(roots, {}, {~0ULL, 0xff, ~0ULL}, [&](const Item& item) {
          if (item.key.type == btrfs::kRootItem) {
            ids.push_back(item.key.object);
          } else if (item.key.type == btrfs::kExtentData) {
            caches_.push_back(item.key.object);
          }
          return true;
        });
    for (const std::uint64_t cache : caches_) {
      const auto pieces = btrfs::ReadPieces(volume_, roots, cache);
      for (std::size_t i = 0; pieces && i < pieces->size(); ++i) {
        if (!(*pieces)[i].in_tree) {
          tree_.ClaimPlaces((*pieces)[i].places, RegionUse::kMetadata);
        }
      }
    }
    for (const std::uint64_t id : ids) {
      if (IsSubvolume(id)) {
        subvolumes_.push_back(id);
      }
      if (const auto root = tree_.RootOf(id)) {
        trees.push_back(*root);
      }
    }
    std::optional<Error> damage;
    for (const Root& root : trees) {
      if (const auto ok = volume_.Touch(root); !ok) {
        damage = damage.value_or(ok.error());
      }
    }
    return damage && listed ? Result<void>(Fail(*damage)) : listed;
  }

  // Subvolumes and inodes that no directory leads to.
  Result<void> GiveUnlisted(TreeWalk& walk) {
    for (const std::uint64_t id : subvolumes_) {
      const std::uint64_t number =
          tree_.KnownNumberOf(id, btrfs::kFirstSubvolume);
      if (number != 0 && walk.Reached(number)) {
        continue;
      }
      volume_.Report("unlisted-subvolume", {},
                     fmt::format("subvolume {} is in no directory", id));
      if (auto ok = walk.RunUnlisted(tree_.NumberOf(id, btrfs::kFirstSubvolume),
                                     fmt::format("#{}", id));
          !ok) {
        return ok;
      }
    }
    for (const std::uint64_t id : subvolumes_) {
      if (auto ok = GiveUnlistedInodes(id, walk); !ok) {
        return ok;
      }
    }
    return {};
  }

  // Every sector with a checksum, once.
  Result<void> CheckData() {
    const auto root = tree_.RootOf(btrfs::kChecksumTree);
    if (!root) {
      return {};  // a file system without files has none
    }
    const std::uint64_t sector = volume_.super().sector_size;
    const std::uint16_t type = volume_.super().checksum_type;
    const std::uint64_t size = btrfs::ChecksumSize(type);
    std::uint64_t next = 0;
    return volume_.ForEach(
        *root, {}, {~0ULL, 0xff, ~0ULL}, [&](const Item& item) {
          if (item.key.type != btrfs::kExtentChecksum) {
            return true;
          }
          bool said = false;
          std::uint64_t at = item.key.offset;
          for (std::uint64_t i = 0; i < item.data.size() / size;
               ++i, at += sector) {
            if (at < next || at > ~0ULL - sector) {
              continue;
            }
            next = at + sector;
            for (const Range& place : volume_.Places(at, sector)) {
              const auto bytes =
                  Slice(volume_.source().bytes(), place.offset, place.length);
              const bool intact =
                  !bytes || btrfs::HasChecksum(
                                type, *bytes, *Slice(item.data, i * size, size))
                                .value_or(true);
              if (!intact && !said) {
                said = true;  // once for each run of sectors
                volume_.Report("checksum-mismatch", place,
                               fmt::format("data at address {}", at));
              }
            }
          }
          return true;
        });
  }

 private:
  Result<void> GiveUnlistedInodes(std::uint64_t id, TreeWalk& walk) {
    constexpr std::uint64_t kLinks = 40;  // in an inode
    const auto root = tree_.RootOf(id);
    if (!root) {
      return {};
    }
    std::vector<std::uint64_t> objects;
    const auto read = volume_.ForEach(
        *root, {btrfs::kFirstSubvolume, 0, 0}, {kLastSubvolume, 0xff, ~0ULL},
        [&](const Item& item) {
          if (item.key.type == btrfs::kInodeItem) {
            const std::uint64_t number =
                tree_.KnownNumberOf(id, item.key.object);
            const auto links = ReadAt<Le32>(item.data, kLinks);
            if ((number == 0 || !walk.Reached(number)) && links && *links > 0) {
              objects.push_back(item.key.object);
            }
          }
          return true;
        });
    if (!read) {
      walk.Note(read.error());
    }
    for (const std::uint64_t object : objects) {
      const std::uint64_t number = tree_.NumberOf(id, object);
      if (walk.Reached(number)) {
        continue;  // below one that was given before
      }
      volume_.Report(
          "unlisted-inode", {},
          fmt::format("inode {} of tree {} is in no directory", object, id));
      if (auto ok =
              walk.RunUnlisted(number, fmt::format("#{}/#{}", id, object));
          !ok) {
        return ok;
      }
    }
    return {};
  }

  Volume& volume_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  Tree& tree_;
  std::vector<std::uint64_t> subvolumes_;
  std::vector<std::uint64_t> caches_;  // of free space, in the tree of roots
};

bool Matches(ByteView head) {
  return btrfs::HasSuper(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  constexpr std::uint64_t kFewItems = 1'000'000;
  auto volume = Volume::Open(ByteSource::Borrow(bytes), {}, kFewItems);
  if (!volume) {
    return Fail(volume.error());
  }
  if (volume->size() > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("btrfs: {} bytes are stated, {} are there",
                            volume->size(), bytes.size()));
  }
  bool found = false;
  const Super& super = volume->super();
  if (auto ok = volume->ForEach({super.root, super.root_level},
                                {btrfs::kFileTree, btrfs::kRootItem, 0},
                                {btrfs::kFileTree, btrfs::kRootItem, ~0ULL},
                                [&](const Item& /*item*/) {
                                  found = true;
                                  return false;
                                });
      !ok) {
    return Fail(ok.error());
  }
  return found ? Result<std::uint64_t>(volume->size())
               : btrfs::Malformed("there is no tree of files");
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  Coverage coverage;
  const btrfs::Listener listener{
      .owned =
          [&](Range range) {
            coverage.ClaimFree(range, RegionUse::kMetadata, sink);
          },
      .report =
          [&](std::string_view what, Range range, std::string detail) {
            sink.Report({.id = fmt::format("btrfs.{}", what),
                         .range = range,
                         .detail = std::move(detail)});
          }};
  ByteSource source = input.source();
  const auto super = ReadAt<Super>(source.bytes(), btrfs::kSuperOffset);
  if (!super || !btrfs::HasSuper(source.bytes())) {
    return Fail(ErrorCode::kMalformed, "btrfs: no plausible super block");
  }
  const std::uint64_t size =
      std::min<std::uint64_t>(super->device_bytes, source.size());
  const bool cut = super->device_bytes > size;
  source = *source.Slice({0, size});  // what follows is not the file system's
  auto volume = Volume::Open(source, listener, kMostItems);
  if (!volume) {
    return Fail(volume.error());
  }
  Tree tree(*volume, coverage, sink);
  Accounts accounts(*volume, coverage, sink, tree);
  accounts.ClaimSupers();
  TreeWalk walk(tree, "btrfs", sink);
  if (const auto ok = accounts.ClaimTrees(); !ok) {
    walk.Note(ok.error());
  }
  if (auto ok =
          walk.Run(tree.NumberOf(btrfs::kFileTree, btrfs::kFirstSubvolume));
      !ok) {
    return ok;
  }
  if (auto ok = accounts.GiveUnlisted(walk); !ok) {
    return ok;
  }
  if (const auto ok = accounts.CheckData(); !ok) {
    walk.Note(ok.error());
  }
  if (!walk.damage()) {
    walk.CompareLinks();
  }
  coverage.ClaimGaps(source.bytes(), sink);
  if (cut) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("btrfs: {} bytes are stated, {} are there",
                            volume->size(), size));
  }
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return input.Skip(size);
}

constexpr Magic kMagics[] = {{"_BHRfS_M", 0x10040}};  // NOLINT: a table

}  // namespace

extern const Format kBtrfs;
const Format kBtrfs = {
    .name = "btrfs",
    .title = "Btrfs file system",
    .reference = "Linux include/uapi/linux/btrfs_tree.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
