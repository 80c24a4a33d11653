// SquashFS 1 to 3 in both byte orders, 4.0 in big-endian, and what vendors
// made of them: other magics (DD-WRT, Broadcom, OpenWrt, AVM), and LZMA with
// parts of its header missing.
//
// Nothing says how such an image is compressed: the methods are tried until
// the root directory can be read. Claims are those of squashfs.cc.
//
// Extended attributes of a big-endian 4.0 image are not read, which is said.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/squashfs_legacy_file.h"
#include "verifier/formats/filesystems/squashfs_legacy_inode.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using squashfs_legacy::Image;
using squashfs_legacy::Inode;
using squashfs_legacy::Super;

// Whether the root is a directory whose entries can all be read.
bool ReadsRoot(Image& image) {
  constexpr std::uint64_t kMostEntries = 4096;
  const auto root = squashfs_legacy::ReadInode(image, image.super().root_inode);
  if (!root || root->meta.type != FileType::kDirectory) {
    return false;
  }
  std::vector<TreeEntry> entries;
  const auto listed =
      squashfs_legacy::ReadDirectory(image, *root, kMostEntries, entries);
  return (listed || listed.error().code == ErrorCode::kLimit) &&
         (entries.empty() ||
          squashfs_legacy::ReadInode(image, entries.front().inode)) &&
         std::none_of(entries.begin(), entries.end(),
                      [](const auto& entry) { return IsOddName(entry.name); });
}

// The image at the start of `source`, ready to be read.
Result<Image> Open(const ByteSource& source, const Limits& limits,
                   const std::function<void(Range)>& visited) {
  const auto super = squashfs_legacy::ReadSuper(source.bytes());
  if (!super) {
    return Fail(ErrorCode::kNotThisFormat, "no old SquashFS super block");
  }
  if (super->bytes_used > source.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("squashfs: the super block states {} bytes, {} "
                            "are there",
                            super->bytes_used, source.size()));
  }
  const ByteSource whole = *source.Slice({0, super->bytes_used});
  for (const auto& method : squashfs_legacy::MethodsFor(*super)) {
    Image probe(whole, *super, limits, [](Range) {});
    probe.Use(method);
    if (ReadsRoot(probe)) {
      Image image(whole, *super, limits, visited);
      image.Use(method);
      return image;
    }
  }
  return Fail(ErrorCode::kUnsupported,
              fmt::format("squashfs {}.{}: no compression fits the root "
                          "directory",
                          super->major, super->minor));
}

class FileSystem : public FileTree {
 public:
  FileSystem(Image& image, Coverage& coverage, ArtifactSink& sink)
      : image_(image), coverage_(coverage), sink_(sink) {}

  Result<TreeNode> Load(std::uint64_t reference) override {
    auto inode = squashfs_legacy::ReadInode(image_, reference);
    if (!inode) {
      return Fail(inode.error());
    }
    return TreeNode{.meta = std::move(inode->meta)};
  }

  Result<void> List(std::uint64_t reference, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override {
    const auto inode = squashfs_legacy::ReadInode(image_, reference);
    if (!inode) {
      return Fail(inode.error());
    }
    return squashfs_legacy::ReadDirectory(image_, *inode, most, entries);
  }

  Result<void> AddFile(std::uint64_t reference, Member member) override {
    const auto inode = squashfs_legacy::ReadInode(image_, reference);
    if (!inode) {
      return sink_.AddOpaque(std::move(member), inode.error().what);
    }
    const std::uint32_t block_size = image_.super().block_size;
    if (inode->HasTail(block_size)) {
      if (const auto fragment = image_.FragmentAt(inode->fragment)) {
        Claim(fragment->range, RegionUse::kMember);
      }
    }
    Range range{inode->start, 0};
    bool plain = true;
    squashfs::Place place = inode->blocks;
    for (auto left = inode->BlockCount(block_size); left > 0; --left) {
      const auto size = squashfs_legacy::TakeBlockSize(image_, place);
      if (!size) {
        return sink_.AddOpaque(std::move(member), size.error().what);
      }
      range.length += size->stored;
      plain = plain && size->plain;
    }
    if (range.length > 0 && !inode->HasTail(block_size) &&
        Slice(image_.source().bytes(), range.offset, range.length) &&
        !coverage_.Touches(range)) {
      coverage_.Add(range);
      member.origin = range;
      member.stored = plain && range.length == inode->size;
    } else {
      Claim(range, RegionUse::kMember);
    }
    if (member.stored) {
      return sink_.Add(std::move(member), *image_.source().Slice(range));
    }
    squashfs_legacy::FileStream content(image_, *inode);
    return sink_.AddStream(std::move(member), content);
  }

 private:
  void Claim(Range range, RegionUse use) {
    if (Slice(image_.source().bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, use, sink_);
    }
  }

  Image& image_;
  Coverage& coverage_;
  ArtifactSink& sink_;
};

// Reads one entry of every block of a table, so that all are accounted for.
void VisitTable(Image& image, std::uint64_t table, std::uint64_t count,
                std::uint32_t size) {
  const std::uint64_t per_block = squashfs::kMetadataBlock / size;
  for (std::uint64_t i = 0; i < count; i += per_block) {
    auto place = image.TableEntry(table, i, size);
    Bytes first(1);
    if (!place || !image.Read(*place, first)) {
      return;
    }
  }
}

void VisitTables(Image& image, Coverage& coverage, ArtifactSink& sink) {
  const Super& super = image.super();
  const auto claim = [&](Range range) {
    if (Slice(image.source().bytes(), range.offset, range.length)) {
      coverage.ClaimFree(range, RegionUse::kMetadata, sink);
    }
  };
  claim({0, super.length});
  if (super.major == 4) {
    VisitTable(image, super.uid_table, super.uids, 4);
  } else {
    claim({super.uid_table, 4ULL * super.uids});
    claim({super.major == 1 ? super.uid_table + 4ULL * super.uids
                            : super.gid_table,
           4ULL * super.gids});
  }
  VisitTable(image, super.fragment_table, super.fragments,
             super.major < 3 ? 8 : 16);
  if (super.lookup_table < super.bytes_used && super.major >= 3) {
    VisitTable(image, super.lookup_table, super.inodes, 8);
  }
  if (super.xattr_table < super.bytes_used) {
    sink.Report({.id = "squashfs_legacy.unread-xattrs",
                 .range = {super.xattr_table, 16},
                 .detail = "extended attributes are not read"});
  }
}

bool Matches(ByteView head) {
  return squashfs_legacy::ReadSuper(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image = Open(ByteSource::Borrow(bytes), Limits{}, [](Range) {});
  if (!image) {
    return Fail(image.error());
  }
  return image->source().size();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  Coverage coverage;
  auto image = Open(input.source(), sink.limits(), [&](Range range) {
    coverage.ClaimFree(range, RegionUse::kMetadata, sink);
  });
  if (!image) {
    return Fail(image.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : image.error().code,
                image.error().what);
  }
  VisitTables(*image, coverage, sink);
  FileSystem files(*image, coverage, sink);
  TreeWalk walk(files, "squashfs_legacy", sink);
  if (auto ok = walk.Run(image->super().root_inode); !ok) {
    return ok;
  }
  coverage.ClaimGaps(image->source().bytes(), sink);
  return {};
}

constexpr Magic kMagics[] = {  // NOLINT: a table
    {"sqsh", 0}, {"hsqs", 0}, {"sqlz", 0}, {"zlqs", 0},
    {"shsq", 0}, {"qshs", 0}, {"tqsh", 0}, {"hsqt", 0}};

}  // namespace

extern const Format kSquashfsLegacy;
const Format kSquashfsLegacy = {
    .name = "squashfs_legacy",
    .title = "SquashFS 1 to 3, big-endian or of a vendor",
    .reference = "squashfs-tools 4.x, squashfs_compat.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
