#include "verifier/formats/filesystems/hfsplus_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::hfsplus {
namespace {

constexpr std::uint64_t kMostTarget = 4096;
constexpr std::uint64_t kMostAttribute = 64ULL << 10U;
constexpr std::string_view kCompressedName = "com.apple.decmpfs";
constexpr std::uint32_t kTypeBits = 0170000;

}  // namespace

std::string PosixName(std::string name) {
  std::replace(name.begin(), name.end(), '/', ':');
  return name;
}

void Tree::Report(std::string_view what, std::string detail) {
  sink_.Report(
      {.id = fmt::format("hfsplus.{}", what), .detail = std::move(detail)});
}

Result<TreeNode> Tree::Load(std::uint64_t inode) {
  const Item& item = ItemOf(inode);
  const ItemRecord record = catalog_.RecordOf(item);
  TreeNode node{.links = 1};
  FileMetadata& meta = node.meta;
  meta.mtime = UnixTime(record.modified);
  compressed_.reset();
  const std::uint32_t mode = record.permissions.mode;
  if (mode != 0) {  // else the volume was never used by a Unix
    meta.mode = mode & 07777U;
    meta.uid = record.permissions.owner;
    meta.gid = record.permissions.group;
    meta.type = TypeOfMode(mode & kTypeBits);
  }
  if (item.folder != (meta.type == FileType::kDirectory)) {
    if (mode != 0) {
      Report("type-mismatch",
             fmt::format("{}: record and mode differ in type", item.name));
    }
    meta.type = item.folder ? FileType::kDirectory : FileType::kRegular;
  }
  const std::uint32_t special = record.permissions.special;
  if (meta.type == FileType::kCharDevice ||
      meta.type == FileType::kBlockDevice) {
    meta.device_major = special >> 24U;  // XNU bsd/sys/types.h
    meta.device_minor = special & 0xFFFFFFU;
  }
  if (!item.folder && item.name.rfind("iNode", 0) == 0 && special > 0 &&
      item.parent != kRootFolder) {
    node.links = special;
  }
  PutAttributes(item, record, meta);
  if (meta.type == FileType::kSymlink) {
    const auto target = ReadOwned(
        record.id, kDataFork, catalog_.ForkOf(item, kDataFork), kMostTarget);
    if (!target) {
      return Fail(target.error());
    }
    meta.link_target = AsText(target->bytes());
  }
  return node;
}

void Tree::PutAttributes(const Item& item, const ItemRecord& record,
                         FileMetadata& meta) {
  const bool link = meta.type == FileType::kSymlink;
  if (!IsZero(record.finder) && !link) {
    meta.xattrs.emplace_back("com.apple.FinderInfo", AsText(record.finder));
  }
  if (attributes_ == nullptr) {
    return;
  }
  const bool packed =
      (record.permissions.owner_flags & Permissions::kCompressed) != 0;
  for (const Attribute& attribute : attributes_->Of(record.id)) {
    if (const auto value = attributes_->InlineValue(attribute)) {
      if (attribute.name == kCompressedName && packed && !item.folder) {
        compressed_ = ReadCompressed(*value);
      } else {
        meta.xattrs.emplace_back(attribute.name, AsText(*value));
      }
    } else if (const auto fork = attributes_->ForkValue(attribute)) {
      auto text = LongValue(record.id, *fork);
      meta.xattrs.emplace_back(attribute.name,
                               std::move(text).value_or(std::string()));
    }
  }
}

std::optional<std::string> Tree::LongValue(std::uint32_t file,
                                           const ForkData& fork) {
  const auto value =
      ReadOwned(kAttributesFile, kDataFork, fork, kMostAttribute);
  if (!value) {
    Report("bad-attribute",
           fmt::format("file {}: {}", file, value.error().what));
    return std::nullopt;
  }
  return std::string(AsText(value->bytes()));
}

Result<ByteSource> Tree::ReadOwned(std::uint32_t file, ForkType type,
                                   const ForkData& fork, std::uint64_t most) {
  const auto extents = volume_.Map(file, type, fork);
  if (!extents) {
    return Fail(extents.error());
  }
  if (std::any_of(extents->begin(), extents->end(), [&](const Extent& extent) {
        return coverage_.Touches(extent.range);
      })) {
    Report("overlapping-blocks",
           fmt::format("file {} has blocks of something else", file));
    return Malformed(fmt::format("file {} does not own its blocks", file));
  }
  auto content = volume_.Read(*extents, fork.size, most);
  if (content) {
    for (const Extent& extent : *extents) {
      coverage_.ClaimFree(extent.range, RegionUse::kMetadata, sink_);
    }
  }
  return content;
}

Result<void> Tree::List(std::uint64_t inode, std::uint64_t most,
                        std::vector<TreeEntry>& entries) {
  const Item& folder = ItemOf(inode);
  for (const std::size_t child :
       catalog_.ChildrenOf(catalog_.RecordOf(folder).id)) {
    const Item& item = catalog_.items()[child];
    listed_.insert(child);
    if (catalog_.IsPrivateFolder(item)) {
      continue;
    }
    if (entries.size() >= most) {
      return Fail(ErrorCode::kLimit, "hfsplus: too many entries");
    }
    TreeEntry entry{.name = PosixName(item.name), .inode = child + 1};
    if (const auto link = catalog_.LinkOf(item)) {
      if (link->target) {
        entry.inode = *link->target + 1;
      } else {
        Report("broken-link",
               fmt::format("{} is a hard link to no file", item.name));
      }
    }
    entries.push_back(std::move(entry));
  }
  return {};
}

Result<void> Tree::AddFile(std::uint64_t inode, Member member) {
  const Item& item = ItemOf(inode);
  const std::uint32_t file = catalog_.RecordOf(item).id;
  if (compressed_) {
    return AddCompressed(std::move(member), item, *compressed_);
  }
  const std::string path = member.name;
  if (auto ok = AddFork(std::move(member), file, kDataFork,
                        catalog_.ForkOf(item, kDataFork));
      !ok) {
    return ok;
  }
  const ForkData resources = catalog_.ForkOf(item, kResourceFork);
  return resources.size == 0 && resources.blocks == 0
             ? Result<void>()
             : AddFork({.name = path + ":rsrc"}, file, kResourceFork,
                       resources);
}

Result<void> Tree::AddFork(Member member, std::uint32_t file, ForkType type,
                           const ForkData& fork) {
  auto extents = volume_.Map(file, type, fork);
  if (!extents) {
    Report("bad-map", member.name + ": " + extents.error().what);
    return sink_.AddOpaque(std::move(member), extents.error().what);
  }
  FitExtents(*extents, fork.size);
  return AddExtents(volume_.source(), *extents, std::move(member), "hfsplus",
                    Sharing::kAnomalous, coverage_, sink_);
}

Result<void> Tree::AddCompressed(Member member, const Item& item,
                                 const Compressed& compressed) {
  const std::uint32_t file = catalog_.RecordOf(item).id;
  const ForkData fork = catalog_.ForkOf(item, kResourceFork);
  const std::string path = member.name;
  if (!compressed.IsKnown()) {
    if (auto ok = sink_.AddOpaque(
            std::move(member),
            fmt::format("decmpfs type {} is not decoded", compressed.type));
        !ok) {
      return ok;
    }
    return fork.size == 0
               ? Result<void>()
               : AddFork({.name = path + ":rsrc"}, file, kResourceFork, fork);
  }
  ByteSource resources;
  if (compressed.UsesFork()) {
    const auto extents = volume_.Map(file, kResourceFork, fork);
    auto content =
        extents ? volume_.Read(*extents, fork.size, sink_.limits().member)
                : Result<ByteSource>(Fail(extents.error()));
    if (!content) {
      Report("bad-map", member.name + ": " + content.error().what);
      return sink_.AddOpaque(std::move(member), content.error().what);
    }
    for (const Extent& extent : *extents) {
      coverage_.ClaimFree(extent.range, RegionUse::kMember, sink_);
    }
    resources = std::move(*content);
  }
  auto blocks = BlocksOf(compressed, resources.bytes());
  if (!blocks) {
    Report("bad-compression", member.name +
                                  ": its blocks are not where they "
                                  "should be");
    return sink_.AddOpaque(std::move(member),
                           "its compressed blocks are "
                           "damaged");
  }
  CompressedStream content(std::move(*blocks), compressed);
  return sink_.AddStream(std::move(member), content);
}

}  // namespace assay::formats::hfsplus
