// EROFS, the enhanced read-only file system of Linux (Android system images,
// container and live images). Layout: Linux fs/erofs/erofs_fs.h.
//
// Inodes, attributes, listings, link targets and indexes are metadata; the
// data blocks and inline tails of files, and the packed inode that holds
// fragments of many, are member bytes. A file that lies in one piece that
// nobody shares gets it as its origin. What no inode leads to is padding when
// zero, else slack. Modes are given as they lie on the disk: dump.erofs hides
// setuid bits.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/erofs_contents.h"
#include "verifier/formats/filesystems/erofs_file.h"
#include "verifier/formats/filesystems/erofs_image.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using erofs::Entry;
using erofs::Image;
using erofs::Inode;

bool IsOddName(std::string_view name) {
  return name.empty() || name.find_first_of(std::string_view("/\0", 2)) !=
                             std::string_view::npos;
}

// Linux include/linux/fs_types.h, FT_*.
std::uint8_t EntryTypeOf(FileType type) {
  switch (type) {
    case FileType::kDirectory:
      return 2;
    case FileType::kCharDevice:
      return 3;
    case FileType::kBlockDevice:
      return 4;
    case FileType::kFifo:
      return 5;
    case FileType::kSocket:
      return 6;
    case FileType::kSymlink:
      return 7;
    default:
      return 1;
  }
}

class Walk {
 public:
  Walk(Image& image, Coverage& coverage, ArtifactSink& sink)
      : image_(image),
        coverage_(coverage),
        sink_(sink),
        contents_(image, coverage, sink) {}

  // Depth first, each directory's entries by name.
  Result<void> Run() {
    if (const auto ok = contents_.ReadPacked(); !ok) {
      Note(ok.error());
    }
    const std::uint64_t root = image_.super().root_nid;
    if (auto ok =
            Visit(".", {".", root, EntryTypeOf(FileType::kDirectory)}, root);
        !ok) {
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
        Report("erofs.odd-name",
               fmt::format("a name in {} is a path", directory.path));
      }
      if (auto ok = Visit(std::move(path), entry, directory.nid); !ok) {
        return ok;
      }
    }
    CheckInodeCount();
    return {};
  }

  // The first damage that did not stop the walk.
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }

 private:
  struct Directory {
    std::string path = {};
    std::uint64_t nid = 0;
    std::vector<Entry> entries = {};
    std::size_t next = 0;
  };

  Result<void> Visit(std::string path, const Entry& entry,
                     std::uint64_t parent) {
    if (++entries_ > sink_.limits().entries ||
        path.size() > sink_.limits().name) {
      return Fail(ErrorCode::kLimit,
                  "erofs: too many entries or too long a path");
    }
    Member member{.name = std::move(path)};
    std::optional<Error> odd;
    const auto inode = image_.ReadInode(entry.nid, odd);
    if (!inode) {
      return sink_.AddOpaque(std::move(member), inode.error().what);
    }
    if (odd) {
      Note(*odd);
      Report("erofs.bad-xattrs", member.name + ": " + odd->what);
    }
    member.meta = inode->meta;
    if (entry.type != EntryTypeOf(inode->meta.type)) {
      Report(
          "erofs.ambiguous-type",
          fmt::format("{} is of type {} in its directory, {} in its inode",
                      member.name, entry.type, EntryTypeOf(inode->meta.type)));
    }
    if (inode->meta.type == FileType::kDirectory) {
      return VisitDirectory(std::move(member), *inode, parent);
    }
    const auto [first, is_new] = linked_.emplace(inode->nid, member.name);
    if (!is_new) {
      member.meta.type = FileType::kHardLink;
      member.meta.link_target = first->second;
      return sink_.AddEmpty(std::move(member));
    }
    ++inodes_;
    if (inode->meta.type == FileType::kRegular) {
      return VisitFile(std::move(member), *inode);
    }
    if (inode->meta.type == FileType::kSymlink) {
      ReadTarget(*inode, member);
    }
    return sink_.AddEmpty(std::move(member));
  }

  void ReadTarget(const Inode& inode, Member& member) {
    if (inode.size > sink_.limits().name) {
      Note({ErrorCode::kLimit, "erofs: a link's target is too long"});
      return;
    }
    const auto target = contents_.Whole(inode, RegionUse::kMetadata);
    if (!target) {
      Note(target.error());
      return;
    }
    member.meta.link_target = AsText(target->bytes());
  }

  Result<void> VisitDirectory(Member member, const Inode& inode,
                              std::uint64_t parent) {
    if (!directories_.insert(inode.nid).second) {
      Report("erofs.directory-again",
             member.name + " is a directory that was met before");
      return sink_.AddEmpty(std::move(member));
    }
    ++inodes_;
    Directory directory{.path = member.name, .nid = inode.nid};
    const auto content = contents_.Whole(inode, RegionUse::kMetadata);
    std::vector<Entry> dots;
    const auto listed =
        content ? erofs::ReadDirectory(content->bytes(), image_.block_size(),
                                       sink_.limits().entries - listed_,
                                       directory.entries, dots)
                : Result<void>(Fail(content.error()));
    listed_ += std::min<std::uint64_t>(directory.entries.size(),
                                       sink_.limits().entries - listed_);
    if (!listed) {
      Note(listed.error());
      Report("erofs.bad-directory", member.name + ": " + listed.error().what);
    }
    for (const Entry& dot : dots) {
      if (dot.nid != (dot.name == "." ? inode.nid : parent)) {
        Report("erofs.ambiguous-parent",
               fmt::format("{} of {} leads to inode {}", dot.name, member.name,
                           dot.nid));
      }
    }
    CheckOrder(member.name, directory.entries);
    auto added = sink_.AddEmpty(std::move(member));
    open_.push_back(std::move(directory));
    return added;
  }

  // Lookup is by bisection: names out of order are listed but not found.
  void CheckOrder(const std::string& path, const std::vector<Entry>& entries) {
    for (std::size_t i = 1; i < entries.size(); ++i) {
      const std::string_view before = entries[i - 1].name;
      if (before < entries[i].name) {
        continue;
      }
      Report(before == entries[i].name ? "erofs.ambiguous-name"
                                       : "erofs.ambiguous-order",
             fmt::format("entry {} of {}", i, path));
      return;
    }
  }

  Result<void> VisitFile(Member member, const Inode& inode) {
    if (erofs::IsCompressed(inode)) {
      auto origin = contents_.ClaimExtents(inode, RegionUse::kMember, true);
      if (!origin) {
        return Opaque(std::move(member), origin.error());
      }
      member.origin = *origin;
      erofs::CompressedStream content(image_, inode, contents_.packed());
      return sink_.AddStream(std::move(member), content);
    }
    const auto extents = image_.Extents(inode);
    if (!extents) {
      return Opaque(std::move(member), extents.error());
    }
    const Limits& limits = sink_.limits();
    auto content = image_.source().Gather(*extents, limits.memory_per_member,
                                          limits.member);
    if (!content) {
      return Opaque(std::move(member), content.error());
    }
    if (extents->size() == 1 && !extents->front().hole &&
        !coverage_.Touches(extents->front().range)) {
      member.origin = extents->front().range;
      member.stored = true;
      coverage_.Add(*member.origin);
    } else {
      for (const Extent& extent : *extents) {
        if (!extent.hole) {
          coverage_.ClaimFree(extent.range, RegionUse::kMember, sink_);
        }
      }
    }
    return sink_.Add(std::move(member), std::move(*content));
  }

  Result<void> Opaque(Member member, const Error& error) {
    if (error.code == ErrorCode::kLimit) {
      Note(error);
    }
    return sink_.AddOpaque(std::move(member), error.what);
  }

  // The packed inode counts as one.
  void CheckInodeCount() {
    const std::uint64_t stated = image_.super().inodes;
    if (!damage_ &&
        inodes_ + (contents_.packed().size() > 0 ? 1 : 0) < stated) {
      Report("erofs.unlisted-inodes",
             fmt::format("{} inodes are stated, {} reached", stated, inodes_));
    }
  }

  void Note(const Error& error) {
    if (!damage_) {
      damage_ = error;
    }
  }

  void Report(std::string id, std::string detail) {
    sink_.Report({.id = std::move(id),
                  .range = {erofs::kSuperAt, sizeof(erofs::Super)},
                  .detail = std::move(detail)});
  }

  Image& image_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  erofs::Contents contents_;
  std::vector<Directory> open_;  // from the root to where the walk is
  std::set<std::uint64_t> directories_;
  std::map<std::uint64_t, std::string> linked_;  // inode to its first path
  std::uint64_t listed_ = 0;   // entries read from directories
  std::uint64_t entries_ = 0;  // visited
  std::uint64_t inodes_ = 0;   // reached
  std::optional<Error> damage_;
};

// The options of each compression, one record after the other.
void VisitConfigs(const Image& image) {
  if (!image.Has(erofs::kHasConfigs)) {
    return;
  }
  const ByteView bytes = image.source().bytes();
  std::uint64_t at =
      erofs::kSuperAt + sizeof(erofs::Super) + image.super().extra_slots * 16U;
  for (unsigned bits = image.super().algorithms; bits != 0; bits >>= 1U) {
    if ((bits & 1U) == 0) {
      continue;
    }
    at += GapTo(sizeof(Le32), at);
    const auto length = ReadAt<Le16>(bytes, at);
    if (!length || !Slice(bytes, at, sizeof(Le16) + *length)) {
      return;
    }
    image.Visit({at, sizeof(Le16) + *length});
    at += sizeof(Le16) + *length;
  }
}

bool Matches(ByteView head) {
  return erofs::HasSuper(head);
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto image =
      Image::Open(ByteSource::Borrow(bytes), Limits{}, [](Range) {});
  if (!image) {
    return Fail(image.error());
  }
  if (!erofs::ChecksumHolds(bytes).value_or(false)) {
    return erofs::Malformed("the super block's checksum is wrong");
  }
  std::optional<Error> odd;
  const auto root = image->ReadInode(image->super().root_nid, odd);
  if (!root) {
    return Fail(root.error());
  }
  if (root->meta.type != FileType::kDirectory) {
    return erofs::Malformed("the root is not a directory");
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
  if (!erofs::ChecksumHolds(image->source().bytes()).value_or(false)) {
    sink.Report({.id = "erofs.checksum-mismatch",
                 .range = {erofs::kSuperAt, sizeof(erofs::Super)},
                 .detail = "the super block's CRC-32C is wrong"});
  }
  VisitConfigs(*image);
  Walk walk(*image, coverage, sink);
  if (auto ok = walk.Run(); !ok) {
    return ok;
  }
  coverage.ClaimGaps(image->source().bytes(), sink);
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return input.Skip(image->source().size());
}

constexpr Magic kMagics[] = {{"\xe2\xe1\xf5\xe0", erofs::kSuperAt}};  // NOLINT

}  // namespace

extern const Format kErofs;
const Format kErofs = {
    .name = "erofs",
    .title = "EROFS file system",
    .reference = "Linux fs/erofs/erofs_fs.h",
    .magics = kMagics,
    .carvable = true,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
