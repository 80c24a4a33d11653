#include "verifier/formats/filesystems/f2fs_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/filesystems/f2fs_file.h"

namespace assay::formats::f2fs {
namespace {

constexpr std::uint64_t kAddresses = 360;  // in an inode
constexpr std::uint64_t kAddressesEnd = 4052;
constexpr std::uint64_t kFooterSize = 24;
constexpr std::uint64_t kMostTarget = 4096;  // Linux PATH_MAX
constexpr std::uint64_t kSlot = 8;           // bytes of a name
constexpr std::uint32_t kXattrMagic = 0xF2F52011;

struct StoredEntry {
  Le32 hash, inode;
  Le16 name_length;
  std::uint8_t type;
};
static_assert(sizeof(StoredEntry) == 11);
struct StoredXattr {
  std::uint8_t prefix, name_size;
  Le16 value_size;
};

constexpr std::array kTypes = {FileType::kRegular,     FileType::kRegular,
                               FileType::kDirectory,   FileType::kCharDevice,
                               FileType::kBlockDevice, FileType::kFifo,
                               FileType::kSocket,      FileType::kSymlink};
constexpr std::array<std::string_view, 12> kPrefixes = {
    "",
    "user.",
    "system.posix_acl_access",
    "system.posix_acl_default",
    "trusted.",
    "lustre.",
    "security.",
    "system.",
    "",
    "encryption.",
    "",
    "verity."};

}  // namespace

Tree::Tree(const Volume& volume, Coverage& coverage, ArtifactSink& sink)
    : volume_(volume), coverage_(coverage), sink_(sink) {}

void Tree::Report(std::string_view what, Range range, std::string detail) {
  sink_.Report({.id = fmt::format("f2fs.{}", what),
                .range = range,
                .detail = std::move(detail)});
}

bool Tree::OwnBlock(std::uint64_t block) {
  const Range range{block * kBlock, kBlock};
  if (!volume_.Block(block) || coverage_.Touches(range)) {
    return false;
  }
  coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  return true;
}

Result<std::vector<Run>> Tree::Map(const Inode& inode) {
  return MapBlocks(volume_, inode,
                   [this](std::uint32_t /*node*/, std::uint64_t block) {
                     return OwnBlock(block);
                   });
}

void Tree::ClaimSpecial(std::uint32_t number) {
  const auto inode = volume_.ReadInode(number);
  if (!inode || !special_.insert(number).second) {
    return;
  }
  const auto runs = OwnBlock(inode->place.offset / kBlock)
                        ? Map(*inode)
                        : Malformed("an inode that was met before");
  if (!runs) {
    Report("bad-special-inode", inode->place, runs.error().what);
    return;
  }
  for (const Run& run : *runs) {
    const Range range{run.address * kBlock, run.count * kBlock};
    if (run.IsData() &&
        Slice(volume_.source().bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
    }
  }
}

Result<TreeNode> Tree::Load(std::uint64_t number) {
  auto inode = volume_.ReadInode(static_cast<std::uint32_t>(number));
  if (!inode) {
    return Fail(inode.error());
  }
  current_ = *inode;
  const std::uint32_t mode = inode->mode;
  if (TypeOfMode(mode) == FileType::kRegular && (mode & 0170000U) != 0100000U) {
    return Malformed(fmt::format("inode {} has mode {:o}", number, mode));
  }
  if (!OwnBlock(inode->place.offset / kBlock)) {
    Report("overlapping-blocks", inode->place,
           fmt::format("inode {} lies in a block of something else", number));
  }
  if (!inode->intact) {
    Report("checksum-mismatch", inode->place, fmt::format("inode {}", number));
  }
  TreeNode node{.links = inode->links};
  node.meta.type = TypeOfMode(mode);
  node.meta.mode = mode & 07777U;
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
    const std::uint64_t at = kAddresses + inode->extra;
    const std::uint32_t old = ReadAt<Le32>(inode->raw, at).value_or(Le32{});
    if (old != 0) {
      SetOldDevice(old, node.meta);
    } else {
      SetNewDevice(ReadAt<Le32>(inode->raw, at + 4).value_or(Le32{}),
                   node.meta);
    }
  }
  return node;
}

Result<std::string> Tree::Target(const Inode& inode) {
  if (inode.size > kMostTarget) {
    return Malformed(
        fmt::format("inode {}: a link of {} bytes", inode.number, inode.size));
  }
  if ((inode.inlined & kInlineData) != 0) {
    const Range room = inode.InlineRange();
    const auto text =
        Slice(inode.raw, room.offset, std::min(room.length, inode.size));
    return text && text->size() == inode.size
               ? Result<std::string>(std::string(AsText(*text)))
               : Malformed(fmt::format("inode {}: its link is cut short",
                                       inode.number));
  }
  const auto runs = Map(inode);
  if (!runs) {
    return Fail(runs.error());
  }
  std::string target;
  for (std::uint64_t at = 0; target.size() < inode.size; ++at) {
    const std::uint32_t address = AddressAt(*runs, at);
    const auto block = volume_.Block(address);
    if (!block || address == kHole || !OwnBlock(address)) {
      return Malformed(
          fmt::format("inode {}: its link is not there", inode.number));
    }
    target += AsText(block->first(
        std::min<std::size_t>(block->size(), inode.size - target.size())));
  }
  return target;
}

// Attributes in the inode, and those of a node of its own, make one list.
Result<void> Tree::ReadXattrs(const Inode& inode, Xattrs& xattrs) {
  Bytes list;
  if ((inode.inlined & kInlineXattr) != 0) {
    const auto bytes = *Slice(inode.raw, kAddressesEnd - inode.inline_xattr,
                              inode.inline_xattr);
    list.insert(list.end(), bytes.begin(), bytes.end());
  }
  if (inode.xattr_node != 0) {
    const auto node = volume_.ReadNode(inode.xattr_node, inode.number);
    if (!node || !OwnBlock(volume_.FindNode(inode.xattr_node)->block)) {
      return Malformed(
          fmt::format("inode {}: its attributes are not there", inode.number));
    }
    list.insert(list.end(), node->begin(),
                node->end() - std::ptrdiff_t{kFooterSize});
  }
  constexpr std::uint64_t kHeader = 24;
  const auto magic = ReadAt<Le32>(list, 0);
  if (list.size() < kHeader || !magic || *magic == 0) {
    return {};
  }
  if (*magic != kXattrMagic) {
    return Malformed(
        fmt::format("inode {}: no attributes where they should "
                    "be",
                    inode.number));
  }
  std::uint64_t at = kHeader;
  while (true) {
    const auto end = ReadAt<Le32>(list, at);
    if (!end || *end == 0) {
      return {};
    }
    const auto stored = *ReadAt<StoredXattr>(list, at);
    at += sizeof(StoredXattr);
    const auto name = Slice(list, at, stored.name_size);
    const auto value = Slice(list, at + stored.name_size, stored.value_size);
    if (!name || !value || stored.prefix >= kPrefixes.size()) {
      return Malformed("a list of extended attributes is damaged");
    }
    xattrs.emplace_back(
        std::string(kPrefixes.at(stored.prefix)).append(AsText(*name)),
        AsText(*value));
    at += (sizeof(StoredXattr) + name->size() + value->size() + 3) / 4 * 4 -
          sizeof(StoredXattr);
  }
}

Result<void> Tree::AddFile(std::uint64_t /*inode*/, Member member) {
  const Inode& inode = current_;
  if ((inode.inlined & kInlineData) != 0) {
    const Range room = inode.InlineRange();
    if (inode.size > room.length) {
      Report("bad-map", inode.place, member.name + " is longer than its room");
      return sink_.AddOpaque(std::move(member), "it is cut short");
    }
    if (inode.IsEncrypted()) {
      return sink_.AddOpaque(std::move(member), "encrypted (fscrypt)");
    }
    return sink_.Add(std::move(member),
                     *volume_.source().Slice(
                         {inode.place.offset + room.offset, inode.size}));
  }
  const auto runs = Map(inode);
  if (!runs) {
    Report("bad-map", inode.place, member.name + ": " + runs.error().what);
    return sink_.AddOpaque(std::move(member), runs.error().what);
  }
  const bool closed =
      inode.IsEncrypted() || (inode.IsCompressed() && !CanDecode(inode));
  std::vector<Extent> extents;
  for (const Run& run : *runs) {
    const Range range{run.address * kBlock, run.count * kBlock};
    if ((closed || inode.IsCompressed()) && run.IsData() &&
        Slice(volume_.source().bytes(), range.offset, range.length)) {
      coverage_.ClaimFree(range, RegionUse::kMember, sink_);
    }
    AppendExtent(extents, {run.IsData() ? range : Range{0, range.length},
                           !run.IsData()});
  }
  if (closed) {
    return sink_.AddOpaque(std::move(member), inode.IsEncrypted()
                                                  ? "encrypted (fscrypt)"
                                                  : "of unknown compression");
  }
  if (inode.IsCompressed()) {
    ClusterStream content(volume_, inode, *runs);
    return sink_.AddStream(std::move(member), content);
  }
  FitExtents(extents, inode.size);
  return AddExtents(volume_.source(), extents, std::move(member), "f2fs",
                    Sharing::kAnomalous, coverage_, sink_);
}

Result<void> Tree::List(std::uint64_t number, std::uint64_t most,
                        std::vector<TreeEntry>& entries) {
  constexpr std::uint64_t kInBlock = 214;
  constexpr std::uint64_t kBlockStart = 30;  // behind the bitmap
  const Inode inode = current_;
  if (inode.IsEncrypted()) {
    Report("encrypted-names", inode.place,
           fmt::format("the names in directory {} are encrypted", number));
  }
  if ((inode.inlined & kInlineEntries) != 0) {
    const Range room = inode.InlineRange();
    constexpr std::uint64_t kBits = (sizeof(StoredEntry) + kSlot) * 8 + 1;
    const std::uint64_t count = room.length * 8 / kBits;
    const std::uint64_t start =
        room.length - count * (sizeof(StoredEntry) + kSlot);
    return ListEntries(*Slice(inode.raw, room.offset, room.length), count,
                       start, entries);
  }
  const auto runs = Map(inode);
  if (!runs) {
    return Fail(runs.error());
  }
  for (const Run& run : *runs) {
    for (std::uint64_t i = 0; run.IsData() && i < run.count; ++i) {
      const std::uint64_t address = run.address + i;
      if (!OwnBlock(address)) {
        Report("overlapping-blocks", {address * kBlock, kBlock},
               fmt::format("directory {} has blocks of something else or none",
                           number));
        return Malformed(
            fmt::format("directory {} does not own its blocks", number));
      }
      if (auto ok = ListEntries(*volume_.Block(address), kInBlock, kBlockStart,
                                entries);
          !ok) {
        return ok;
      }
      if (entries.size() > most) {
        return Fail(ErrorCode::kLimit, "f2fs: too many entries");
      }
    }
  }
  return {};
}

Result<void> Tree::ListEntries(ByteView area, std::uint64_t count,
                               std::uint64_t start,
                               std::vector<TreeEntry>& entries) {
  const std::uint64_t names = start + count * sizeof(StoredEntry);
  std::uint64_t at = 0;
  while (at < count) {
    const std::uint8_t bits = *ReadAt<std::uint8_t>(area, at / 8);
    if ((bits >> at % 8 & 1U) == 0) {
      ++at;
      continue;
    }
    const auto stored =
        *ReadAt<StoredEntry>(area, start + at * sizeof(StoredEntry));
    const std::uint64_t slots = (stored.name_length + kSlot - 1) / kSlot;
    const auto name = Slice(area, names + at * kSlot, stored.name_length);
    if (slots == 0 || slots > count - at || !name) {
      return Malformed(
          fmt::format("directory {}: entry {} of a block is "
                      "damaged",
                      current_.number, at));
    }
    TreeEntry entry{.name = std::string(AsText(*name)), .inode = stored.inode};
    if (stored.type > 0 && stored.type < kTypes.size()) {
      entry.type = kTypes.at(stored.type);
    }
    if (entry.name != "." && entry.name != "..") {
      entries.push_back(std::move(entry));
    }
    at += slots;
  }
  return {};
}

}  // namespace assay::formats::f2fs
