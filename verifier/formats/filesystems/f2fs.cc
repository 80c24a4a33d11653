// F2FS. Layout: Linux include/linux/f2fs_fs.h, Documentation/filesystems/
// f2fs.rst.
//
// Claims: super blocks, whole checkpoints, the tables in their current version,
// summaries, nodes and directories are metadata. A file has its blocks up to
// its last byte. Older versions of all of these, which a log-structured file
// system leaves behind, are slack when they are not zero.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "verifier/formats/filesystems/f2fs_tree.h"

namespace assay::formats {
namespace {

using f2fs::kBlock;
using f2fs::Super;
using f2fs::Tree;
using f2fs::Volume;

constexpr std::uint32_t kKnownFeatures = 0x7fff;

class Accounts {
 public:
  Accounts(const Volume& volume, Tree& tree) : volume_(volume), tree_(tree) {}

  void ClaimSupers(Coverage& coverage, ArtifactSink& sink) {
    const Super& super = volume_.super();
    const auto key = [](const Super& one) {
      return std::tuple(std::uint32_t{one.magic}, std::uint64_t{one.blocks},
                        std::uint32_t{one.checkpoint}, std::uint32_t{one.main},
                        std::uint32_t{one.root}, one.uuid);
    };
    for (const std::uint64_t at :
         {f2fs::kSuperOffset, f2fs::kSuperOffset + kBlock}) {
      const Range range{at, sizeof(Super)};
      const auto copy = ReadAt<Super>(volume_.source().bytes(), at);
      if (!copy || key(*copy) != key(super)) {
        tree_.Report("ambiguous-superblock", range,
                     "the copy of the super block differs");
        continue;
      }
      coverage.ClaimFree(range, RegionUse::kMetadata, sink);
      if ((copy->features & f2fs::kSuperChecksum) != 0 &&
          f2fs::ChecksumOf(BytesOf(*copy).first(
              sizeof(Super) - sizeof(Le32))) != copy->checksum) {
        tree_.Report("checksum-mismatch", range, "super block");
      }
    }
    if ((super.features & ~kKnownFeatures) != 0) {
      tree_.Report(
          "unknown-feature", {f2fs::kSuperOffset, sizeof(Super)},
          fmt::format("features {:#x}", std::uint32_t{super.features}));
    }
  }

  void ClaimTables() {
    const Super& super = volume_.super();
    for (const Volume::Pack& pack : volume_.packs()) {
      ClaimBlocks(pack.start, pack.checkpoint.blocks);
      ClaimNatBits(pack);
    }
    if (volume_.packs().size() < 2) {
      tree_.Report("checksum-mismatch", {super.checkpoint * kBlock, kBlock},
                   "one of the two checkpoints is not whole");
    }
    if ((volume_.checkpoint().flags & f2fs::kUnmounted) == 0) {
      tree_.Report("ambiguous-journal",
                   {volume_.packs().front().start * kBlock, kBlock},
                   "it was not unmounted: a mount may show other files than "
                   "these");
    }
    for (std::uint64_t i = 0; i < volume_.NatBlocks(); ++i) {
      ClaimUnlessZero(volume_.NatBlock(i));
    }
    for (std::uint64_t i = 0; i < volume_.SitBlocks(); ++i) {
      ClaimUnlessZero(volume_.SitBlock(i));
    }
    for (std::uint64_t i = super.summary; i < super.main; ++i) {
      ClaimUnlessZero(i);
    }
  }

  void ClaimSpecialInodes() {
    for (const std::uint32_t quota : volume_.super().quotas) {
      if (quota != 0) {
        tree_.ClaimSpecial(quota);
      }
    }
  }

  // Inodes in the table that no directory leads to.
  Result<void> GiveUnlisted(TreeWalk& walk) {
    constexpr std::uint64_t kPerBlock = 455;
    constexpr std::uint32_t kFirst = 3;
    for (std::uint64_t i = 0; i < volume_.NatBlocks(); ++i) {
      const auto block = volume_.Block(volume_.NatBlock(i));
      if (!block) {
        return {};
      }
      // The journal only has nodes that the table may not have yet.
      if (IsZero(*block) && i > 0) {
        continue;
      }
      for (std::uint64_t j = 0; j < kPerBlock; ++j) {
        const auto number = static_cast<std::uint32_t>(i * kPerBlock + j);
        const auto entry = volume_.FindNode(number);
        if (number < kFirst || !entry || entry->inode != number ||
            walk.Reached(number) || tree_.IsSpecial(number)) {
          continue;
        }
        const auto inode = volume_.ReadInode(number);
        if (!inode || inode->links == 0 || !inode->intact) {
          continue;
        }
        tree_.Report(
            "unlisted-inode", inode->place,
            fmt::format("inode {} is in use, but in no directory", number));
        if (auto ok = walk.RunUnlisted(number, fmt::format("#{}", number));
            !ok) {
          return ok;
        }
      }
    }
    return {};
  }

 private:
  void ClaimBlocks(std::uint64_t start, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      (void)tree_.OwnBlock(start + i);
    }
  }

  void ClaimUnlessZero(std::uint64_t number) {
    const auto block = volume_.Block(number);
    if (block && !IsZero(*block)) {
      (void)tree_.OwnBlock(number);
    }
  }

  // Which blocks of the table of nodes are full or empty, at the end of the
  // checkpoint's segment.
  void ClaimNatBits(const Volume::Pack& pack) {
    if ((pack.checkpoint.flags & f2fs::kNatBits) == 0) {
      return;
    }
    const std::uint64_t bytes = volume_.NatBlocks() / 8 * 2 + 8;
    const std::uint64_t blocks = (bytes + kBlock - 1) / kBlock;
    if (blocks < volume_.SegmentBlocks()) {
      ClaimBlocks(pack.start + volume_.SegmentBlocks() - blocks, blocks);
    }
  }

  const Volume& volume_;
  Tree& tree_;
};

bool Matches(ByteView head) {
  return f2fs::HasSuper(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = Volume::Open(ByteSource::Borrow(bytes));
  if (!volume) {
    return Fail(volume.error());
  }
  if (volume->size() > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("f2fs: {} bytes are stated, {} are there",
                            volume->size(), bytes.size()));
  }
  const auto root = volume->ReadInode(volume->super().root);
  if (!root) {
    return Fail(root.error());
  }
  if ((root->mode & 0170000U) != 0040000U) {
    return f2fs::Malformed("the root is not a directory");
  }
  return volume->size();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  ByteSource source = input.source();
  const auto super = ReadAt<Super>(source.bytes(), f2fs::kSuperOffset);
  if (!super || !f2fs::HasSuper(source.bytes())) {
    return Fail(ErrorCode::kMalformed, "f2fs: no plausible super block");
  }
  const std::uint64_t stated = super->blocks * kBlock;
  const std::uint64_t size = std::min(stated, source.size());
  source = *source.Slice({0, size});  // what follows is not the file system's
  const auto volume = Volume::Open(source);
  if (!volume) {
    return Fail(volume.error());
  }
  Coverage coverage;
  Tree tree(*volume, coverage, sink);
  Accounts accounts(*volume, tree);
  accounts.ClaimSupers(coverage, sink);
  accounts.ClaimTables();
  accounts.ClaimSpecialInodes();
  TreeWalk walk(tree, "f2fs", sink);
  if (auto ok = walk.Run(super->root); !ok) {
    return ok;
  }
  if (auto ok = accounts.GiveUnlisted(walk); !ok) {
    return ok;
  }
  if (!walk.damage()) {
    walk.CompareLinks();
  }
  coverage.ClaimGaps(source.bytes(), sink);
  if (stated > size) {
    return Fail(
        ErrorCode::kTruncated,
        fmt::format("f2fs: {} bytes are stated, {} are there", stated, size));
  }
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return input.Skip(size);
}

using namespace std::string_view_literals;
constexpr Magic kMagics[] = {  // NOLINT: a table
    {"\x10\x20\xF5\xF2\x01\x00"sv, f2fs::kSuperOffset}};

}  // namespace

extern const Format kF2fs;
const Format kF2fs = {
    .name = "f2fs",
    .title = "F2FS file system",
    .reference = "Linux include/linux/f2fs_fs.h, struct f2fs_super_block",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
