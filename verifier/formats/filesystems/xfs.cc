// XFS, version 4 and 5. Layout: Linux fs/xfs/libxfs/xfs_format.h; "XFS
// Algorithms & Data Structures", part III.
//
// Claims: super blocks, the headers and trees of allocation groups, inodes in
// use, directories, attributes and the log are metadata. A file has its blocks
// up to its last byte; what is left of the last one, free blocks and inodes in
// no use that still hold something are slack when they are not zero.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "verifier/formats/filesystems/xfs_groups.h"
#include "verifier/formats/filesystems/xfs_tree.h"

namespace assay::formats {
namespace {

using xfs::Super;
using xfs::Tree;
using xfs::Volume;

void ClaimSpecialInodes(const Super& super, Tree& tree) {
  for (const std::uint64_t inode :
       {std::uint64_t{super.realtime_bitmap},
        std::uint64_t{super.realtime_summary}, std::uint64_t{super.user_quota},
        std::uint64_t{super.group_quota}, std::uint64_t{super.project_quota}}) {
    if (inode != 0 && inode != ~0ULL) {
      tree.ClaimSpecial(inode);
    }
  }
}

void CheckSuper(const Volume& volume, Tree& tree) {
  const Super& super = volume.super();
  const Range range{0, super.sector_size};
  if (volume.has_checksums()) {
    constexpr std::uint64_t kChecksum = 224;
    const auto sector = Slice(volume.source().bytes(), 0, range.length);
    if (!sector || !xfs::HasChecksum(*sector, kChecksum)) {
      tree.Report("checksum-mismatch", range, "super block");
    }
    if ((super.incompatible & xfs::kNeedsRepair) != 0) {
      tree.Report("needs-repair", range,
                  "it is marked as damaged: no system mounts it");
    }
    if ((super.incompatible & ~std::uint32_t{xfs::kKnownIncompatible}) != 0) {
      tree.Report("unknown-feature", range,
                  fmt::format("incompatible features {:#x}",
                              std::uint32_t{super.incompatible}));
    }
  }
}

bool Matches(ByteView head) {
  return xfs::HasSuper(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = Volume::Open(ByteSource::Borrow(bytes));
  if (!volume) {
    return Fail(volume.error());
  }
  if (volume->size() > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("xfs: {} bytes are stated, {} are there",
                            volume->size(), bytes.size()));
  }
  if (!xfs::IsFirstGroup(*volume)) {
    return xfs::Malformed("no first allocation group follows");
  }
  const auto root = volume->ReadInode(volume->super().root);
  if (!root) {
    return Fail(root.error());
  }
  if ((root->mode & 0170000U) != 0040000U) {
    return xfs::Malformed("the root is not a directory");
  }
  return volume->size();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  auto volume = Volume::Open(input.source());
  if (!volume) {
    return Fail(ErrorCode::kMalformed, volume.error().what);
  }
  const std::uint64_t size = std::min(volume->size(), input.source().size());
  const bool cut = volume->size() > size;
  if (!cut) {  // what follows is not the file system's
    volume = Volume::Open(*input.source().Slice({0, size}));
  }
  Coverage coverage;
  Tree tree(*volume, coverage, sink);
  CheckSuper(*volume, tree);
  xfs::Groups groups(*volume, tree);
  groups.Claim();
  groups.ClaimLog();
  ClaimSpecialInodes(volume->super(), tree);
  TreeWalk walk(tree, "xfs", sink);
  if (auto ok = walk.Run(volume->super().root); !ok) {
    return ok;
  }
  if (auto ok = groups.ClaimInodes(walk, coverage, sink); !ok) {
    return ok;
  }
  if (!walk.damage()) {
    walk.CompareLinks();
  }
  coverage.ClaimGaps(volume->source().bytes(), sink);
  if (cut) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("xfs: {} bytes are stated, {} are there",
                            volume->size(), size));
  }
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return input.Skip(size);
}

constexpr Magic kMagics[] = {{"XFSB", 0}};  // NOLINT: a table

}  // namespace

extern const Format kXfs;
const Format kXfs = {
    .name = "xfs",
    .title = "XFS file system, version 4 or 5",
    .reference = "Linux fs/xfs/libxfs/xfs_format.h, struct xfs_dsb",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
