#include "verifier/formats/filesystems/ext_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::ext {
namespace {

constexpr std::uint64_t kMapOffset = 40;  // in an inode
constexpr std::uint64_t kMapSize = 60;
constexpr std::uint64_t kMostTarget = 4096;  // Linux PATH_MAX
constexpr std::uint64_t kMostListing = 4ULL << 30U;
constexpr std::size_t kMostHidden = 4096;
constexpr std::uint32_t kRegularMode = 0100000;
constexpr std::uint8_t kTailType = 0xDE;  // of the entry with the checksum

struct StoredEntry {
  Le32 inode;
  Le16 length;
  std::uint8_t name_length, type;
};
static_assert(sizeof(StoredEntry) == 8);
struct Tail {
  StoredEntry entry;
  Le32 checksum;
};

constexpr std::array kTypes = {FileType::kRegular,     FileType::kRegular,
                               FileType::kDirectory,   FileType::kCharDevice,
                               FileType::kBlockDevice, FileType::kFifo,
                               FileType::kSocket,      FileType::kSymlink};

// With 64 KiB blocks, a length of 65536 does not fit into its field.
std::uint64_t EntryLength(std::uint16_t stored, std::uint64_t room) {
  if (stored == 0xffff || stored == 0) {
    return room;
  }
  return (stored & 0xfffcU) | std::uint64_t{stored & 3U} << 16U;
}

std::uint64_t SizeOf(const StoredEntry& entry) {
  return (sizeof(StoredEntry) + entry.name_length + 3) / 4 * 4;
}

bool IsTail(ByteView block, std::uint64_t at) {
  const auto tail = ReadAt<Tail>(block, at);
  return tail && at + sizeof(Tail) == block.size() && tail->entry.inode == 0 &&
         tail->entry.length == sizeof(Tail) && tail->entry.name_length == 0 &&
         tail->entry.type == kTailType;
}

bool IsKnownType(std::uint32_t mode) {
  const std::uint32_t type = mode & 0170000U;
  return type == kRegularMode || TypeOfMode(mode) != FileType::kRegular;
}

}  // namespace

Tree::Tree(const Volume& volume, Coverage& coverage, ArtifactSink& sink)
    : volume_(volume),
      coverage_(coverage),
      sink_(sink),
      // Inodes may share attributes, but not so that they outgrow the image.
      xattr_bytes_left_((16ULL << 20U) + 4 * volume.source().size()) {}

void Tree::Report(std::string_view what, Range range, std::string detail) {
  sink_.Report({.id = fmt::format("ext.{}", what),
                .range = range,
                .detail = std::move(detail)});
}

bool Tree::OwnBlock(std::uint64_t block) {
  const Range range = volume_.BlockRange(block);
  if (coverage_.Touches(range)) {
    return false;
  }
  coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  return true;
}

Result<void> Tree::Map(const Inode& inode, std::vector<Extent>& extents) {
  return MapBlocks(
      volume_, inode, [this](std::uint64_t block) { return OwnBlock(block); },
      [&](std::uint64_t block) {
        Report("checksum-mismatch", volume_.BlockRange(block),
               fmt::format("extents of inode {}", inode.number));
      },
      extents);
}

void Tree::ClaimSpecial(std::uint64_t number, bool content) {
  const auto inode = volume_.ReadInode(number);
  if (!inode || !special_.insert(number).second) {
    return;
  }
  if (!inode->intact) {
    Report("checksum-mismatch", inode->place, fmt::format("inode {}", number));
  }
  std::vector<Extent> extents;
  if (inode->links == 0) {
    return;
  }
  if (const auto ok = Map(*inode, extents); !ok) {
    Report("bad-special-inode", inode->place, ok.error().what);
  }
  for (const Extent& extent : extents) {
    if (content && !extent.hole &&
        extent.range.offset < volume_.source().size()) {
      Range range = extent.range;
      range.length =
          std::min(range.length, volume_.source().size() - range.offset);
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }
}

Result<TreeNode> Tree::Load(std::uint64_t number) {
  auto inode = volume_.ReadInode(number);
  if (!inode) {
    return Fail(inode.error());
  }
  current_ = *inode;
  if (!IsKnownType(inode->mode)) {
    return Malformed(
        fmt::format("inode {} is in no use (mode {:o})", number, inode->mode));
  }
  if (!inode->intact) {
    Report("checksum-mismatch", inode->place, fmt::format("inode {}", number));
  }
  TreeNode node{.links = inode->links};
  node.meta.type = TypeOfMode(inode->mode);
  node.meta.mode = inode->mode & 07777U;
  node.meta.uid = inode->uid;
  node.meta.gid = inode->gid;
  node.meta.mtime = inode->mtime;
  if (const auto ok = ReadXattrs(*inode, node.meta.xattrs); !ok) {
    Report("bad-xattrs", inode->place, ok.error().what);
  }
  if (node.meta.type == FileType::kSymlink) {
    auto target = Target(*inode);
    if (!target) {
      return Fail(target.error());
    }
    node.meta.link_target = std::move(*target);
  } else if (node.meta.type == FileType::kCharDevice ||
             node.meta.type == FileType::kBlockDevice) {
    const std::uint32_t old = *ReadAt<Le32>(inode->raw, kMapOffset);
    if (old != 0) {
      SetOldDevice(old, node.meta);
    } else {
      SetNewDevice(*ReadAt<Le32>(inode->raw, kMapOffset + 4), node.meta);
    }
  }
  return node;
}

Result<std::string> Tree::Target(const Inode& inode) {
  if (inode.size > kMostTarget) {
    return Malformed(
        fmt::format("inode {}: a link of {} bytes", inode.number, inode.size));
  }
  if (inode.Is(kInlineData)) {
    std::string target;
    for (const Extent& extent : InlineExtents(inode)) {
      target += AsText(*Slice(volume_.source().bytes(), extent.range.offset,
                              extent.range.length));
    }
    return target;
  }
  if (inode.size < kMapSize && !inode.Is(kHasExtents)) {
    return std::string(AsText(*Slice(inode.raw, kMapOffset, inode.size)));
  }
  const auto bytes = ReadOwned(inode, kMostTarget);
  if (!bytes) {
    return Fail(bytes.error());
  }
  return std::string(AsText(*bytes));
}

Result<Bytes> Tree::ReadOwned(const Inode& inode, std::uint64_t most) {
  std::vector<Extent> extents;
  if (auto ok = Map(inode, extents); !ok) {
    return Fail(ok.error());
  }
  // What lies in the image at all bounds what may be asked for.
  std::uint64_t total = 0;
  for (const Extent& extent : extents) {
    if (extent.hole || total > most || extent.range.length > most - total) {
      return Malformed(fmt::format("inode {} has a hole or {} bytes",
                                   inode.number, inode.size));
    }
    const std::uint64_t block = volume_.block_size();
    const Range whole = {extent.range.offset,
                         (extent.range.length + block - 1) / block * block};
    if (!Slice(volume_.source().bytes(), whole.offset, whole.length)) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("ext: blocks of inode {} lie behind the end",
                              inode.number));
    }
    if (coverage_.Touches(whole)) {
      Report(
          "overlapping-blocks", whole,
          fmt::format("inode {} has blocks of something else", inode.number));
      return Malformed(fmt::format("inode {} shares its blocks", inode.number));
    }
    coverage_.ClaimFree(whole, RegionUse::kMetadata, sink_);
    total += extent.range.length;
  }
  Bytes bytes(static_cast<std::size_t>(total));
  ExtentStream content(volume_.source(), extents);
  if (const auto count = content.Read(bytes); !count || *count != total) {
    return Malformed(fmt::format("inode {} is cut short", inode.number));
  }
  return bytes;
}

std::vector<Extent> Tree::InlineExtents(const Inode& inode) const {
  std::vector<Extent> extents;
  const std::uint64_t first = std::min(inode.size, kMapSize);
  AppendExtent(extents, {{inode.place.offset + kMapOffset, first}, false});
  if (const auto rest = InlineRest(inode); rest && inode.size > first) {
    AppendExtent(extents, {{inode.place.offset + rest->offset,
                            std::min(rest->length, inode.size - first)},
                           false});
  }
  return extents;
}

Result<void> Tree::AddFile(std::uint64_t /*inode*/, Member member) {
  const Inode& inode = current_;
  const bool closed = inode.Is(kEncrypted) || inode.Is(kCompressed);
  std::vector<Extent> extents;
  Result<void> mapped;
  if (inode.Is(kInlineData)) {
    extents = InlineExtents(inode);
    FitExtents(extents, inode.size);  // the kernel reads zeros behind it
  } else {
    mapped = Map(inode, extents);
  }
  if (!mapped) {
    Report("bad-map", inode.place, member.name + ": " + mapped.error().what);
    return sink_.AddOpaque(std::move(member), mapped.error().what);
  }
  if (closed) {
    for (const Extent& extent : extents) {
      if (!extent.hole && Slice(volume_.source().bytes(), extent.range.offset,
                                extent.range.length)) {
        coverage_.ClaimFree(extent.range, RegionUse::kMember, sink_);
      }
    }
    return sink_.AddOpaque(std::move(member), inode.Is(kEncrypted)
                                                  ? "encrypted (fscrypt)"
                                                  : "compressed (e2compr)");
  }
  const bool shares = (volume_.super().read_only & kSharedBlocks) != 0;
  return AddExtents(volume_.source(), extents, std::move(member), "ext",
                    shares ? Sharing::kAllowed : Sharing::kAnomalous, coverage_,
                    sink_);
}

Result<void> Tree::List(std::uint64_t number, std::uint64_t most,
                        std::vector<TreeEntry>& entries) {
  const Inode inode = current_;
  if (inode.Is(kEncrypted)) {
    Report("encrypted-names", inode.place,
           fmt::format("the names in directory {} are encrypted", number));
  }
  if (inode.Is(kInlineData)) {
    constexpr std::uint64_t kParent = 4;  // its number comes first
    const ByteView map = *Slice(inode.raw, kMapOffset, kMapSize);
    if (auto ok = ListBlock(map.subspan(kParent), most, entries); !ok) {
      return ok;
    }
    const auto rest = InlineRest(inode);
    return rest && rest->length > 0
               ? ListBlock(*Slice(inode.raw, rest->offset, rest->length), most,
                           entries)
               : Result<void>();
  }
  const auto bytes = ReadOwned(inode, kMostListing);
  if (!bytes) {
    return Fail(bytes.error());
  }
  const std::uint64_t size = volume_.block_size();
  for (std::uint64_t at = 0; at < bytes->size(); at += size) {
    const auto block = Slice(*bytes, at, size);
    if (!block) {
      return Malformed(fmt::format("directory {} ends inside a block", number));
    }
    CheckListBlock(inode, *block, at / size);
    if (auto ok = ListBlock(*block, most, entries); !ok) {
      return ok;
    }
  }
  return {};
}

Result<void> Tree::ListBlock(ByteView block, std::uint64_t most,
                             std::vector<TreeEntry>& entries) {
  const bool typed = (volume_.super().incompatible & kFileTypes) != 0;
  std::uint64_t at = 0;
  while (at < block.size()) {
    const auto stored = ReadAt<StoredEntry>(block, at);
    const std::uint64_t room = block.size() - at;
    const std::uint64_t length = stored ? EntryLength(stored->length, room) : 0;
    if (length < sizeof(StoredEntry) || length > room || length % 4 != 0 ||
        (stored->inode != 0 && SizeOf(*stored) > length)) {
      return Malformed(
          fmt::format("directory {}: the entry at {} of a block "
                      "contradicts itself",
                      current_.number, at));
    }
    if (stored->inode != 0) {
      const std::string_view name =
          AsText(*Slice(block, at + sizeof(StoredEntry), stored->name_length));
      if (name != "." && name != "..") {
        TreeEntry entry{.name = std::string(name), .inode = stored->inode};
        if (typed && stored->type > 0 && stored->type < kTypes.size()) {
          entry.type = kTypes.at(stored->type);
        }
        entries.push_back(std::move(entry));
      }
      FindHidden(
          block.subspan(static_cast<std::size_t>(at + SizeOf(*stored)),
                        static_cast<std::size_t>(length - SizeOf(*stored))));
    }
    if (entries.size() > most) {
      return Fail(ErrorCode::kLimit, "ext: too many entries");
    }
    at += length;
  }
  return {};
}

// Removing an entry makes the one before it longer. What is left of it is
// harmless unless it is the only name of an inode in use.
void Tree::FindHidden(ByteView gap) {
  const auto stored = ReadAt<StoredEntry>(gap, 0);
  if (!stored || stored->inode == 0 || stored->name_length == 0 ||
      stored->inode > volume_.super().inodes || hidden_.size() >= kMostHidden) {
    return;
  }
  if (const auto name = Slice(gap, sizeof(StoredEntry), stored->name_length);
      name && !IsOddName(AsText(*name))) {
    hidden_.push_back(
        {std::string(AsText(*name)), stored->inode, current_.number});
  }
}

void Tree::CheckListBlock(const Inode& directory, ByteView block,
                          std::uint64_t index) {
  if (!volume_.has_checksums()) {
    return;
  }
  struct CountLimit {
    Le16 limit, count;
  };
  constexpr std::uint64_t kRootCount = 32;
  constexpr std::uint64_t kNodeCount = 8;
  const std::uint32_t seed = volume_.InodeSeed(directory);
  const std::uint64_t tail_at = block.size() - sizeof(Tail);
  bool intact = false;
  if (IsTail(block, tail_at)) {
    intact = Crc32cRaw(seed, *Slice(block, 0, tail_at)) ==
             ReadAt<Tail>(block, tail_at)->checksum;
  } else if (directory.Is(kIndexed)) {
    const std::uint64_t at = index == 0 ? kRootCount : kNodeCount;
    const auto counts = *ReadAt<CountLimit>(block, at);
    const std::uint64_t end = at + std::uint64_t{counts.limit} * 8;
    const auto used = Slice(block, 0, at + std::uint64_t{counts.count} * 8);
    const auto reserved = Slice(block, end, sizeof(Le32));
    const auto stored = ReadAt<Le32>(block, end + sizeof(Le32));
    constexpr std::array<std::uint8_t, 4> kZeros = {};
    intact = used && reserved && stored && counts.count <= counts.limit &&
             Crc32cRaw(Crc32cRaw(Crc32cRaw(seed, *used), *reserved), kZeros) ==
                 *stored;
  }
  if (!intact) {
    Report("checksum-mismatch", directory.place,
           fmt::format("block {} of directory {}", index, directory.number));
  }
}

}  // namespace assay::formats::ext
