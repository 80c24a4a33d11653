// ext2, ext3 and ext4. Layout: Linux fs/ext4/ext4.h.
//
// Claims: super block and its copies, group descriptors, bitmaps, inodes in
// use, directories, maps, journal and the file system's other own inodes are
// metadata. A file has its blocks up to its last byte; what is left of the last
// one, free blocks, the boot block and inodes in no use that still hold
// something are slack when they are not zero.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/filesystems/ext_tree.h"

namespace assay::formats {
namespace {

using ext::Group;
using ext::Super;
using ext::Tree;
using ext::Volume;

constexpr std::uint64_t kResize = 7;
constexpr std::uint64_t kBadBlocks = 1;

class Accounts {
 public:
  Accounts(const Volume& volume, Coverage& coverage, ArtifactSink& sink,
           Tree& tree)
      : volume_(volume),
        super_(volume.super()),
        coverage_(coverage),
        sink_(sink),
        tree_(tree) {}

  void ClaimSuper() {
    const Range range{ext::kSuperOffset, sizeof(Super)};
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    if (volume_.has_checksums() &&
        Crc32cRaw(~0U, BytesOf(super_).first(sizeof(Super) - sizeof(Le32))) !=
            super_.checksum) {
      tree_.Report("checksum-mismatch", range, "super block");
    }
    if ((super_.incompatible & ext::kNeedsRecovery) != 0) {
      tree_.Report("ambiguous-journal", range,
                   "the journal was not replayed: a mount may show other "
                   "files than these");
    }
    if ((super_.incompatible & ~std::uint32_t{ext::kKnownIncompatible}) != 0) {
      tree_.Report("unknown-feature", range,
                   fmt::format("incompatible features {:#x}",
                               std::uint32_t{super_.incompatible}));
    }
    if ((super_.incompatible & ext::kMmp) != 0 &&
        super_.mmp_block < volume_.blocks()) {
      ClaimWithin(volume_.BlockRange(super_.mmp_block));
    }
  }

  // Stops at the first descriptor that is not there.
  void ClaimGroups() {
    for (std::uint64_t i = 0; i < volume_.groups(); ++i) {
      ClaimCopies(i);
      const auto group = volume_.ReadGroup(i);
      if (!group) {
        return;
      }
      const Range place = volume_.DescriptorRange(i);
      ClaimWithin(place);
      if (!group->intact) {
        tree_.Report("checksum-mismatch", place,
                     fmt::format("descriptor of group {}", i));
      }
      ClaimBitmap(group->block_bitmap, group->blocks_unused,
                  super_.group_clusters, group->block_bitmap_checksum, i);
      ClaimBitmap(group->inode_bitmap, group->inodes_unused,
                  super_.group_inodes, group->inode_bitmap_checksum, i);
    }
  }

  void ClaimSpecialInodes() {
    tree_.ClaimSpecial(kBadBlocks, false);
    tree_.ClaimSpecial(kResize, false);
    const std::uint32_t journal = super_.journal_inode;
    if ((super_.compatible & ext::kHasJournal) != 0 && journal != 0) {
      tree_.ClaimSpecial(journal, true);
    }
    if ((super_.compatible & ext::kOrphanFile) != 0) {
      tree_.ClaimSpecial(super_.orphan_file, true);
    }
    for (const std::uint32_t quota :
         {std::uint32_t{super_.user_quota}, std::uint32_t{super_.group_quota},
          std::uint32_t{super_.project_quota}}) {
      if (quota != 0) {
        tree_.ClaimSpecial(quota, true);
      }
    }
  }

  // Inodes in use that no directory leads to, and the rest of the tables.
  Result<void> ClaimInodes(TreeWalk& walk) {
    for (std::uint64_t i = 0; i < volume_.groups(); ++i) {
      const auto group = volume_.ReadGroup(i);
      if (!group) {
        return {};
      }
      const std::uint64_t first = i * super_.group_inodes + 1;
      const Range table = TableOf(*group);
      if (!group->inodes_unused) {
        if (auto ok = FindUnlisted(*group, first, walk); !ok) {
          return ok;
        }
      }
      if (Slice(volume_.source().bytes(), table.offset, table.length) &&
          !tables_.Touches(table)) {
        tables_.Add(table);
        ClaimRecords(
            volume_.source().bytes(), table, volume_.inode_size(),
            [&](std::uint64_t index) {
              return walk.Reached(first + index) ||
                     tree_.IsSpecial(first + index) || IsBlank(first + index);
            },
            coverage_, sink_);
      }
    }
    return {};
  }

  void ReportHidden(const TreeWalk& walk) {
    for (const ext::HiddenEntry& hidden : tree_.hidden()) {
      const auto inode = volume_.ReadInode(hidden.inode);
      if (inode && inode->links > 0 && inode->deleted == 0 &&
          !walk.Reached(hidden.inode) && !tree_.IsSpecial(hidden.inode)) {
        tree_.Report("hidden-entry", inode->place,
                     fmt::format("{} (inode {}) stands behind an entry of "
                                 "directory {}",
                                 hidden.name, hidden.inode, hidden.directory));
      }
    }
  }

 private:
  void ClaimWithin(Range range) {
    if (Slice(volume_.source().bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }

  Range TableOf(const Group& group) const {
    return {
        std::min(group.inode_table, volume_.blocks()) * volume_.block_size(),
        super_.group_inodes * volume_.inode_size()};
  }

  // A super block and descriptors that say where everything lies once more.
  void ClaimCopies(std::uint64_t group) {
    if (group == 0 || !volume_.HasCopy(group)) {
      return;
    }
    const ByteView bytes = volume_.source().bytes();
    const Range place{volume_.GroupStart(group) * volume_.block_size(),
                      sizeof(Super)};
    const auto copy = ReadAt<Super>(bytes, place.offset);
    if (!copy || copy->magic != super_.magic) {
      return;
    }
    const auto key = [](const Super& super) {
      return std::tuple(
          std::uint32_t{super.inodes}, std::uint32_t{super.blocks_low},
          std::uint32_t{super.blocks_high}, std::uint32_t{super.first_block},
          std::uint32_t{super.log_block_size},
          std::uint32_t{super.group_blocks}, std::uint32_t{super.group_inodes},
          std::uint16_t{super.inode_size}, std::uint16_t{super.descriptor_size},
          super.uuid);
    };
    if (key(*copy) != key(super_)) {
      tree_.Report("ambiguous-superblock", place,
                   fmt::format("the copy in group {} differs", group));
      return;
    }
    ClaimWithin(place);
    const std::uint64_t start = place.offset + volume_.block_size();
    const std::uint64_t length =
        volume_.DescriptorBlocks() * volume_.block_size();
    const Range first = volume_.DescriptorRange(0);
    const auto descriptors = Slice(bytes, first.offset, length);
    const auto copies = Slice(bytes, start, length);
    if (descriptors && copies && SamePlaces(*descriptors, *copies)) {
      ClaimWithin({start, length});
    } else if (descriptors && copies) {
      tree_.Report("ambiguous-group-descriptors", {start, length},
                   fmt::format("the copy in group {} differs", group));
    }
  }

  // Counts and flags in copies are stale; places must not be.
  bool SamePlaces(ByteView descriptors, ByteView copies) const {
    constexpr std::uint64_t kPlaces = 12;
    const std::uint64_t step = volume_.DescriptorRange(0).length;
    const std::uint64_t most =
        std::min<std::uint64_t>(volume_.groups(), descriptors.size() / step);
    for (std::uint64_t i = 0; i < most; ++i) {
      const ByteView a = *Slice(descriptors, i * step, kPlaces);
      const ByteView b = *Slice(copies, i * step, kPlaces);
      if (!std::equal(a.begin(), a.end(), b.begin())) {
        return false;
      }
    }
    return true;
  }

  void ClaimBitmap(std::uint64_t block, bool unused, std::uint64_t bits,
                   std::uint32_t stored, std::uint64_t group) {
    const auto bytes = volume_.Block(block);
    if (!bytes || unused) {
      return;
    }
    const Range range = volume_.BlockRange(block);
    if (coverage_.Touches(range)) {
      tree_.Report("overlapping-blocks", range,
                   fmt::format("a bitmap of group {}", group));
    }
    // Bits behind the last are set, and no checksum covers them.
    const std::uint64_t length = std::min(range.length, (bits + 7) / 8);
    coverage_.ClaimFree({range.offset, length}, RegionUse::kMetadata, sink_);
    const bool filler =
        AllAre(bytes->subspan(static_cast<std::size_t>(length)), 0xff);
    coverage_.ClaimFree(range, filler ? RegionUse::kPadding : RegionUse::kSlack,
                        sink_);
    const auto used = Slice(*bytes, 0, bits / 8);
    if (volume_.has_checksums() && used) {
      const bool wide = volume_.DescriptorRange(0).length > 32;
      const std::uint32_t state = Crc32cRaw(volume_.seed(), *used);
      if ((wide ? state : state & 0xffffU) != stored) {
        tree_.Report("checksum-mismatch", volume_.BlockRange(block),
                     fmt::format("a bitmap of group {}", group));
      }
    }
  }

  // mke2fs gives even inodes that were never used a checksum.
  bool IsBlank(std::uint64_t number) const {
    constexpr std::uint64_t kChecksumLow = 124;
    constexpr std::uint64_t kMore = 132;  // behind size and checksum
    const auto inode = volume_.ReadInode(number);
    return inode && inode->intact && volume_.has_checksums() &&
           IsZero(inode->raw.first(kChecksumLow)) &&
           (inode->raw.size() <= kMore || IsZero(inode->raw.subspan(kMore)));
  }

  Result<void> FindUnlisted(const Group& group, std::uint64_t first,
                            TreeWalk& walk) {
    const auto bitmap = volume_.Block(group.inode_bitmap);
    for (std::uint64_t i = 0; bitmap && i < super_.group_inodes; ++i) {
      const std::uint64_t number = first + i;
      const bool set =
          (bitmap->subspan(static_cast<std::size_t>(i / 8))[0] >> (i % 8) &
           1U) != 0;
      if (!set || walk.Reached(number) || tree_.IsSpecial(number)) {
        continue;
      }
      const auto inode = volume_.ReadInode(number);
      if (!inode || inode->links == 0 || inode->deleted != 0 ||
          inode->mode == 0 || !inode->intact || inode->Is(ext::kValueInode)) {
        continue;
      }
      tree_.Report(
          "unlisted-inode", inode->place,
          fmt::format("inode {} is in use, but in no directory", number));
      if (auto ok = walk.RunUnlisted(number, fmt::format("#{}", number)); !ok) {
        return ok;
      }
    }
    return {};
  }

  const Volume& volume_;
  const Super& super_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  Tree& tree_;
  Coverage tables_;  // of inodes, to meet none twice
};

bool Matches(ByteView head) {
  return ext::HasSuper(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = Volume::Open(ByteSource::Borrow(bytes));
  if (!volume) {
    return Fail(volume.error());
  }
  if (volume->size() > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("ext: {} bytes are stated, {} are there",
                            volume->size(), bytes.size()));
  }
  const auto last = volume->ReadGroup(volume->groups() - 1);
  const auto root = volume->ReadInode(ext::kRootInode);
  if (!last || !root) {
    return Fail(!last ? last.error() : root.error());
  }
  if ((root->mode & 0170000U) != 0040000U) {
    return ext::Malformed("the root is not a directory");
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
  Accounts accounts(*volume, coverage, sink, tree);
  accounts.ClaimSuper();
  accounts.ClaimGroups();
  accounts.ClaimSpecialInodes();
  TreeWalk walk(tree, "ext", sink);
  if (auto ok = walk.Run(ext::kRootInode); !ok) {
    return ok;
  }
  accounts.ReportHidden(walk);
  if (auto ok = accounts.ClaimInodes(walk); !ok) {
    return ok;
  }
  if (!walk.damage()) {
    walk.CompareLinks();
  }
  coverage.ClaimGaps(volume->source().bytes(), sink);
  if (cut) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("ext: {} bytes are stated, {} are there",
                            volume->size(), size));
  }
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return input.Skip(size);
}

// Magic, state (bits: clean, errors, orphans) and what to do on errors (1-3).
using namespace std::string_view_literals;
constexpr std::uint64_t kMagicOffset = 0x438;
constexpr Magic kMagics[] = {
    // NOLINT: a table
    {"\x53\xEF\x00\x00\x01\x00"sv, kMagicOffset},
    {"\x53\xEF\x00\x00\x02\x00"sv, kMagicOffset},
    {"\x53\xEF\x00\x00\x03\x00"sv, kMagicOffset},
    {"\x53\xEF\x01\x00\x00\x00"sv, kMagicOffset},
    {"\x53\xEF\x01\x00\x01\x00"sv, kMagicOffset},
    {"\x53\xEF\x01\x00\x02\x00"sv, kMagicOffset},
    {"\x53\xEF\x01\x00\x03\x00"sv, kMagicOffset},
    {"\x53\xEF\x02\x00\x01\x00"sv, kMagicOffset},
    {"\x53\xEF\x02\x00\x02\x00"sv, kMagicOffset},
    {"\x53\xEF\x02\x00\x03\x00"sv, kMagicOffset},
    {"\x53\xEF\x03\x00\x01\x00"sv, kMagicOffset},
    {"\x53\xEF\x03\x00\x02\x00"sv, kMagicOffset},
    {"\x53\xEF\x03\x00\x03\x00"sv, kMagicOffset},
    {"\x53\xEF\x04\x00\x01\x00"sv, kMagicOffset},
    {"\x53\xEF\x04\x00\x02\x00"sv, kMagicOffset},
    {"\x53\xEF\x04\x00\x03\x00"sv, kMagicOffset},
    {"\x53\xEF\x05\x00\x01\x00"sv, kMagicOffset},
    {"\x53\xEF\x05\x00\x02\x00"sv, kMagicOffset},
    {"\x53\xEF\x05\x00\x03\x00"sv, kMagicOffset},
};

}  // namespace

extern const Format kExt;
const Format kExt = {
    .name = "ext",
    .title = "ext2, ext3 or ext4 file system",
    .reference = "Linux fs/ext4/ext4.h, struct ext4_super_block",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
