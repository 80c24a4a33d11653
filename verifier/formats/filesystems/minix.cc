// The Minix file system, version 1 to 3, in both byte orders. Layout: Linux
// fs/minix/minix.h, include/uapi/linux/minix_fs.h.
//
// Claims: super block, bitmaps, inodes in use, directories, links and blocks of
// block numbers are metadata. A file has its blocks up to its last byte; what
// is left of the last one, free blocks, the boot block and inodes in no use
// that still hold something are slack when they are not zero.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/minix_volume.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using minix::Inode;
using minix::Malformed;
using minix::Volume;

constexpr std::uint32_t kRoot = 1;
constexpr std::uint64_t kMostTarget = 4096;  // Linux PATH_MAX

class Tree : public FileTree {
 public:
  Tree(const Volume& volume, Coverage& coverage, ArtifactSink& sink)
      : volume_(volume), coverage_(coverage), sink_(sink) {}

  Result<TreeNode> Load(std::uint64_t number) override {
    const auto inode = volume_.ReadInode(number);
    if (!inode) {
      return Fail(inode.error());
    }
    current_ = *inode;
    TreeNode node{.links = inode->links};
    node.meta = inode->meta;
    if (node.meta.type == FileType::kSymlink) {
      const auto target = ReadOwned(kMostTarget);
      if (!target) {
        return Fail(target.error());
      }
      node.meta.link_target = AsText(*target);
    }
    return node;
  }

  Result<void> List(std::uint64_t number, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override {
    const auto bytes = ReadOwned(volume_.source().size());
    if (!bytes) {
      return Fail(bytes.error());
    }
    const std::uint64_t size = volume_.entry_size();
    for (std::uint64_t at = 0; at < bytes->size(); at += size) {
      const auto entry = Slice(*bytes, at, size);
      if (!entry) {
        return Malformed(
            fmt::format("directory {} ends inside an entry", number));
      }
      auto read = volume_.EntryIn(*entry);
      if (read.inode == 0 || read.name == "." || read.name == "..") {
        continue;
      }
      entries.push_back({.name = std::move(read.name), .inode = read.inode});
      if (entries.size() > most) {
        return Fail(ErrorCode::kLimit, "minix: too many entries");
      }
    }
    return {};
  }

  Result<void> AddFile(std::uint64_t /*number*/, Member member) override {
    std::vector<Extent> extents;
    if (const auto mapped = Map(extents); !mapped) {
      Report("bad-map", member.name + ": " + mapped.error().what);
      return sink_.AddOpaque(std::move(member), mapped.error().what);
    }
    FitExtents(extents, current_.size);
    return AddExtents(volume_.source(), extents, std::move(member), "minix",
                      Sharing::kAnomalous, coverage_, sink_);
  }

  void Report(std::string_view what, std::string detail) {
    sink_.Report({.id = fmt::format("minix.{}", what),
                  .range = current_.place,
                  .detail = std::move(detail)});
  }

 private:
  bool Own(Range range) {
    if (!Slice(volume_.source().bytes(), range.offset, range.length) ||
        coverage_.Touches(range)) {
      return false;
    }
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    return true;
  }

  Result<void> Map(std::vector<Extent>& extents) {
    return volume_.Map(
        current_, [this](Range range) { return Own(range); }, extents);
  }

  // All of a directory or a link, whose blocks become metadata.
  Result<Bytes> ReadOwned(std::uint64_t most) {
    std::vector<Extent> extents;
    const auto mapped =
        current_.size <= most
            ? Map(extents)
            : Malformed(fmt::format("it states {} bytes", current_.size));
    if (!mapped) {
      return Fail(mapped.error());
    }
    FitExtents(extents, current_.size);
    const std::uint64_t block = volume_.block_size();
    for (const Extent& extent : extents) {
      const std::uint64_t length =
          (extent.range.length + block - 1) / block * block;
      if (extent.hole || !Own({extent.range.offset, length})) {
        Report("overlapping-blocks",
               fmt::format("inode {} has holes or blocks of something else",
                           current_.number));
        return Malformed(
            fmt::format("inode {} does not own its blocks", current_.number));
      }
    }
    Bytes bytes(static_cast<std::size_t>(current_.size));
    ExtentStream content(volume_.source(), extents);
    const auto count = content.Read(bytes);
    return count && *count == bytes.size()
               ? Result<Bytes>(std::move(bytes))
               : Malformed(
                     fmt::format("inode {} is cut short", current_.number));
  }

  const Volume& volume_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  Inode current_ = {};
};

// Inodes in use that no directory leads to.
Result<void> GiveUnlisted(const Volume& volume, Tree& tree, TreeWalk& walk) {
  for (std::uint64_t number = kRoot; number <= volume.inodes(); ++number) {
    const auto inode = volume.ReadInode(number);
    if (walk.Reached(number) || !inode || inode->links == 0) {
      continue;
    }
    tree.Report("unlisted-inode",
                fmt::format("inode {} is in use, but in no directory", number));
    if (auto ok = walk.RunUnlisted(number, fmt::format("#{}", number)); !ok) {
      return ok;
    }
  }
  return {};
}

bool Matches(ByteView head) {
  return minix::Recognize(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto volume = Volume::Open(ByteSource::Borrow(bytes));
  if (!volume) {
    return Fail(volume.error());
  }
  if (volume->size() > bytes.size()) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("minix: {} bytes are stated, {} are there",
                            volume->size(), bytes.size()));
  }
  const auto root = volume->ReadInode(kRoot);
  if (!root || root->meta.type != FileType::kDirectory) {
    return Malformed("the root is not a directory");
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
  for (const Range& range : volume->Tables()) {
    if (Slice(volume->source().bytes(), range.offset, range.length)) {
      coverage.ClaimFree(range, RegionUse::kMetadata, sink);
    }
  }
  Tree tree(*volume, coverage, sink);
  TreeWalk walk(tree, "minix", sink);
  if (auto ok = walk.Run(kRoot); !ok) {
    return ok;
  }
  if (auto ok = GiveUnlisted(*volume, tree, walk); !ok) {
    return ok;
  }
  ClaimRecords(
      volume->source().bytes(), volume->InodeTable(), volume->inode_size(),
      [&](std::uint64_t index) { return walk.Reached(index + kRoot); },
      coverage, sink);
  if (!walk.damage()) {
    walk.CompareLinks();
  }
  coverage.ClaimGaps(volume->source().bytes(), sink);
  if (cut) {
    return Fail(ErrorCode::kTruncated,
                fmt::format("minix: {} bytes are stated, {} are there",
                            volume->size(), size));
  }
  if (walk.damage()) {
    return Fail(*walk.damage());
  }
  return input.Skip(size);
}

// Version 1 and 2 with names of 14 and 30 bytes, and version 3.
constexpr std::uint64_t kOld = 1024 + 16;
constexpr std::uint64_t kNew = 1024 + 24;
constexpr Magic kMagics[] = {  // NOLINT: a table
    {"\x7F\x13", kOld}, {"\x8F\x13", kOld}, {"\x68\x24", kOld},
    {"\x78\x24", kOld}, {"\x5A\x4D", kNew}, {"\x13\x7F", kOld},
    {"\x13\x8F", kOld}, {"\x24\x68", kOld}, {"\x24\x78", kOld},
    {"\x4D\x5A", kNew}};

}  // namespace

extern const Format kMinix;
const Format kMinix = {
    .name = "minix",
    .title = "Minix file system, version 1 to 3",
    .reference = "Linux include/uapi/linux/minix_fs.h",
    .magics = kMagics,
    .proof = Proof::kMagic,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
