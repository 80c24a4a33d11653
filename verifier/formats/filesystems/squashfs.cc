// SquashFS 4.0, little-endian, in all six compressions.
// Layout: Linux fs/squashfs/squashfs_fs.h.
//
// Claims: a file whose data blocks nobody shares and that has no tail in a
// fragment gets their extent as its origin; all other data blocks, and the
// fragments that some file uses, are claimed as member bytes. Super block,
// compressor options, tables and every metadata block that was read are
// metadata. What no file and no table leads to is padding when zero, else
// slack: data that only a later tool would find.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/squashfs_file.h"
#include "verifier/formats/filesystems/squashfs_inode.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using squashfs::Entry;
using squashfs::Image;
using squashfs::Inode;
using squashfs::kNone;

bool IsOddName(std::string_view name) {
  return name == "." || name == ".." ||
         name.find_first_of(std::string_view("/\0", 2)) !=
             std::string_view::npos;
}

class Walk {
 public:
  Walk(Image& image, Coverage& coverage, ArtifactSink& sink)
      : image_(image), coverage_(coverage), sink_(sink) {}

  // Depth first, each directory's entries by name.
  Result<void> Run() {
    if (auto ok = Visit(".", image_.super().root_inode); !ok) {
      return ok;
    }
    while (!open_.empty()) {
      Directory& directory = open_.back();
      if (directory.next == directory.entries.size()) {
        open_.pop_back();
        continue;
      }
      const Entry entry = std::move(directory.entries[directory.next++]);
      std::string path = directory.path == "."
                             ? entry.name
                             : directory.path + "/" + entry.name;
      if (IsOddName(entry.name)) {
        Report("squashfs.odd-name",
               fmt::format("a name in {} is a path", directory.path));
      }
      if (auto ok = Visit(std::move(path), entry.inode); !ok) {
        return ok;
      }
    }
    if (!damage_ && inodes_ < image_.super().inodes) {
      Report("squashfs.unreached-inodes",
             fmt::format("{} inodes are stated, {} reached",
                         std::uint32_t{image_.super().inodes}, inodes_));
    }
    return {};
  }

  // The first damage that did not stop the walk.
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }

 private:
  struct Directory {
    std::string path = {};
    std::vector<Entry> entries = {};
    std::size_t next = 0;
  };

  Result<void> Visit(std::string path, std::uint64_t reference) {
    if (++entries_ > sink_.limits().entries ||
        path.size() > sink_.limits().name) {
      return Fail(ErrorCode::kLimit,
                  "squashfs: too many entries or too long a path");
    }
    Member member{.name = std::move(path)};
    auto inode = squashfs::ReadInode(image_, reference);
    if (!inode) {
      return sink_.AddOpaque(std::move(member), inode.error().what);
    }
    if (const auto ok = squashfs::ReadXattrs(image_, *inode); !ok) {
      Note(ok.error());
      Report("squashfs.bad-xattrs", member.name + ": " + ok.error().what);
    }
    member.meta = inode->meta;
    if (inode->meta.type == FileType::kDirectory) {
      return VisitDirectory(std::move(member), *inode, reference);
    }
    if (inode->nlink > 1) {
      const auto [first, is_new] = linked_.emplace(reference, member.name);
      if (!is_new) {
        member.meta.type = FileType::kHardLink;
        member.meta.link_target = first->second;
        return sink_.AddEmpty(std::move(member));
      }
    }
    ++inodes_;
    return inode->meta.type == FileType::kRegular
               ? VisitFile(std::move(member), *inode)
               : sink_.AddEmpty(std::move(member));
  }

  Result<void> VisitDirectory(Member member, const Inode& inode,
                              std::uint64_t reference) {
    if (!directories_.insert(reference).second) {
      Report("squashfs.directory-again",
             member.name + " is a directory that was met before");
      return sink_.AddEmpty(std::move(member));
    }
    ++inodes_;
    Directory directory{.path = member.name};
    const auto listed = squashfs::ReadDirectory(
        image_, inode, sink_.limits().entries - listed_, directory.entries);
    listed_ += std::min<std::uint64_t>(directory.entries.size(),
                                       sink_.limits().entries - listed_);
    if (!listed) {
      Note(listed.error());
      Report("squashfs.bad-directory",
             member.name + ": " + listed.error().what);
    }
    auto added = sink_.AddEmpty(std::move(member));
    open_.push_back(std::move(directory));
    return added;
  }

  Result<void> VisitFile(Member member, const Inode& inode) {
    const auto extent = squashfs::ExtentOf(image_, inode);
    if (!extent) {
      return sink_.AddOpaque(std::move(member), extent.error().what);
    }
    const bool tail =
        inode.size % image_.super().block_size != 0 && inode.fragment != kNone;
    const Range range = extent->range;
    if (tail) {
      if (const auto fragment = image_.FragmentRange(inode.fragment);
          fragment &&
          Slice(image_.source().bytes(), fragment->offset, fragment->length)) {
        coverage_.ClaimFree(*fragment, RegionUse::kMember, sink_);
      }
    }
    if (range.length > 0 && !tail && !coverage_.Touches(range)) {
      coverage_.Add(range);
      member.origin = range;
      member.stored = extent->plain && range.length == inode.size;
    } else {
      coverage_.ClaimFree(range, RegionUse::kMember, sink_);
    }
    if (member.stored) {
      return sink_.Add(std::move(member), *image_.source().Slice(range));
    }
    squashfs::FileStream content(image_, inode);
    return sink_.AddStream(std::move(member), content);
  }

  void Note(const Error& error) {
    if (!damage_) {
      damage_ = error;
    }
  }

  void Report(std::string id, std::string detail) {
    sink_.Report({.id = std::move(id),
                  .range = {0, sizeof(squashfs::Super)},
                  .detail = std::move(detail)});
  }

  Image& image_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  std::vector<Directory> open_;  // from the root to where the walk is
  std::set<std::uint64_t> directories_;
  std::map<std::uint64_t, std::string> linked_;  // inode to its first path
  std::uint64_t listed_ = 0;   // entries read from directories
  std::uint64_t entries_ = 0;  // visited
  std::uint64_t inodes_ = 0;   // reached
  std::optional<Error> damage_;
};

// Reads one entry of every block of a table, so that all are accounted for.
void VisitTable(Image& image, std::uint64_t table, std::uint64_t count,
                std::uint32_t size) {
  const std::uint64_t per_block = squashfs::kMetadataBlock / size;
  for (std::uint64_t i = 0; table != squashfs::kNoTable && i < count;
       i += per_block) {
    auto place = image.TableEntry(table, i, size);
    if (!place || !image.Take<std::uint8_t>(*place)) {
      return;
    }
  }
}

void VisitTables(Image& image, Coverage& coverage, ArtifactSink& sink) {
  struct XattrTable {
    Le64 start;
    Le32 ids, unused;
  };
  const squashfs::Super& super = image.super();
  const ByteView bytes = image.source().bytes();
  coverage.ClaimFree({0, sizeof(super)}, RegionUse::kMetadata, sink);
  const auto options = ReadAt<Le16>(bytes, sizeof(super));
  if ((super.flags & squashfs::kHasOptions) != 0 && options) {
    const std::uint64_t length = sizeof(Le16) + (*options & 0x7fffU);
    if (Slice(bytes, sizeof(super), length)) {
      coverage.ClaimFree({sizeof(super), length}, RegionUse::kMetadata, sink);
    }
  }
  VisitTable(image, super.id_table, super.ids, sizeof(Le32));
  VisitTable(image, super.fragment_table, super.fragments, 16);
  VisitTable(image, super.export_table, super.inodes, sizeof(Le64));
  if (const auto xattrs = ReadAt<XattrTable>(bytes, super.xattr_table)) {
    const std::uint64_t at = super.xattr_table;
    coverage.ClaimFree({at, sizeof(XattrTable)}, RegionUse::kMetadata, sink);
    VisitTable(image, at + sizeof(XattrTable), xattrs->ids, 16);
  }
}

bool Matches(ByteView head) {
  return squashfs::HasSuper(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  auto image = Image::Open(ByteSource::Borrow(bytes), Limits{}, [](Range) {});
  if (!image) {
    return Fail(image.error());
  }
  const auto root = squashfs::ReadInode(*image, image->super().root_inode);
  if (!root) {
    return Fail(root.error());
  }
  if (root->meta.type != FileType::kDirectory) {
    return squashfs::Malformed("the root is not a directory");
  }
  return image->source().size();
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  Coverage coverage;
  auto image = Image::Open(input.source(), sink.limits(), [&](Range range) {
    coverage.ClaimFree(range, RegionUse::kMetadata, sink);
  });
  if (!image) {
    return Fail(image.error().code == ErrorCode::kNotThisFormat
                    ? ErrorCode::kMalformed
                    : image.error().code,
                image.error().what);
  }
  VisitTables(*image, coverage, sink);
  Walk walk(*image, coverage, sink);
  if (auto ok = walk.Run(); !ok) {
    return ok;
  }
  coverage.ClaimGaps(image->source().bytes(), sink);
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return {};
}

constexpr Magic kMagics[] = {{"hsqs", 0}};  // NOLINT: a table

}  // namespace

extern const Format kSquashfs;
const Format kSquashfs = {
    .name = "squashfs",
    .title = "SquashFS 4.0 file system",
    .reference = "Linux fs/squashfs/squashfs_fs.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
