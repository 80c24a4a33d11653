#include "verifier/formats/flash/jffs2_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/formats/archives/archive_input.h"

namespace assay::formats::jffs2 {
namespace {

constexpr std::uint64_t kMostTarget = 4096;  // of a symbolic link

}  // namespace

FileSystem::FileSystem(const ByteSource& source, const Log& log,
                       ArtifactSink& sink)
    : source_(source),
      log_(log),
      sink_(sink),
      decoder_(source.bytes()),
      use_(log.nodes.size(), Use::kNone) {
  Sort();
}

void FileSystem::Report(std::string_view what, Range range,
                        std::string detail) {
  sink_.Report({.id = fmt::format("jffs2.{}", what),
                .range = range,
                .detail = std::move(detail)});
}

void FileSystem::AddDirent(const Node& node) {
  const ByteView raw =
      *Slice(source_.bytes(), node.payload.offset, node.payload.length);
  const Node*& newest = directories_[node.id][std::string(AsText(raw))];
  if (newest == nullptr || node.version > newest->version) {
    newest = &node;
  } else if (node.version == newest->version && node.crc != newest->crc) {
    Report("ambiguous-version", node.range,
           fmt::format("two entries of directory {} have version {}", node.id,
                       node.version));
  }
}

void FileSystem::Sort() {
  const auto keep = [](const Node*& newest, const Node& node) {
    if (newest == nullptr || node.version > newest->version) {
      newest = &node;
    }
  };
  for (const Node& node : log_.nodes) {
    if (!node.intact) {
      continue;
    }
    if (node.obsolete) {
      if (node.kind == NodeKind::kInode) {
        inodes_[node.id].outdated.push_back(&node);
      }
    } else if (node.kind == NodeKind::kInode) {
      inodes_[node.id].nodes.push_back(&node);
    } else if (node.kind == NodeKind::kDirent) {
      AddDirent(node);
    } else if (node.kind == NodeKind::kXattr) {
      keep(xattrs_[node.id], node);
    } else if (node.kind == NodeKind::kXref) {
      keep(inodes_[node.id].xrefs[node.target], node);
    }
  }
  for (auto& [number, inode] : inodes_) {
    SortVersions(inode);
  }
}

// Oldest first; of two nodes with one version the first in the image counts.
void FileSystem::SortVersions(Inode& inode) {
  std::vector<const Node*>& nodes = inode.nodes;
  std::stable_sort(
      nodes.begin(), nodes.end(),
      [](const Node* a, const Node* b) { return a->version < b->version; });
  std::vector<const Node*> kept;
  for (const Node* node : nodes) {
    if (kept.empty() || kept.back()->version != node->version) {
      kept.push_back(node);
      continue;
    }
    inode.outdated.push_back(node);
    if (node->crc != kept.back()->crc) {
      Report("ambiguous-version", node->range,
             fmt::format("inode {} has two nodes of version {}", node->id,
                         node->version));
    }
  }
  nodes = std::move(kept);
}

void FileSystem::MarkVisible(const FileMap& map) {
  for (const auto& [start, piece] : map.pieces()) {
    Mark(*piece.node, Use::kAll);
  }
}

Result<TreeNode> FileSystem::Load(std::uint64_t number) {
  Inode& inode = inodes_[static_cast<std::uint32_t>(number)];
  inode.reached = true;
  FileMetadata meta;
  if (inode.nodes.empty()) {
    if (number == kRootInode) {  // mkfs.jffs2 need not write it
      meta.type = FileType::kDirectory;
      ReadXattrs(inode, meta);
      return TreeNode{.meta = std::move(meta)};
    }
    return Fail(ErrorCode::kMalformed,
                fmt::format("jffs2: inode {} has no node", number));
  }
  const Node& newest = *inode.nodes.back();
  Mark(newest, Use::kAll);
  meta.type = TypeOfMode(newest.mode);
  meta.mode = newest.mode & 07777U;
  meta.uid = newest.uid;
  meta.gid = newest.gid;
  meta.mtime = newest.mtime;
  if (number == kRootInode && meta.type != FileType::kDirectory) {
    Report("bad-root", newest.range, "the root is no directory");
    meta.type = FileType::kDirectory;
  }
  inode.is_file = meta.type == FileType::kRegular;
  if (meta.type == FileType::kSymlink || meta.type == FileType::kBlockDevice ||
      meta.type == FileType::kCharDevice) {
    ReadSpecial(newest, meta);
  }
  ReadXattrs(inode, meta);
  return TreeNode{.meta = std::move(meta)};
}

// The data of its newest node, whatever size that states.
void FileSystem::ReadSpecial(const Node& node, FileMetadata& meta) {
  const auto data = decoder_.Decode(node);
  if (!data || data->size() > kMostTarget) {
    Report("bad-special", node.range,
           data ? "a link has too long a target" : data.error().what);
    return;
  }
  Bytes content = CopyOf(*data);
  if (meta.type == FileType::kSymlink) {
    meta.link_target = AsText(content);
    return;
  }
  // Linux old_encode_dev() in 2 bytes, new_encode_dev() in 4.
  std::uint32_t device = 0;
  if (log_.order == ByteOrder::kLittle) {
    std::reverse(content.begin(), content.end());
  }
  if (content.size() != 2 && content.size() != 4) {
    Report("bad-special", node.range,
           fmt::format("a device number of {} bytes", content.size()));
    return;
  }
  for (const std::uint8_t byte : content) {
    device = device << 8U | byte;
  }
  meta.device_major = device >> 8U & 0xfffU;
  meta.device_minor = (device & 0xffU) | (device >> 12U & 0xfff00U);
  if (content.size() == 2) {
    meta.device_major &= 0xffU;
  }
}

void FileSystem::ReadXattrs(const Inode& inode, FileMetadata& meta) {
  constexpr std::array<std::string_view, 6> kPrefixes = {
      "",
      "user.",
      "security.",
      "system.posix_acl_access",
      "system.posix_acl_default",
      "trusted."};
  constexpr std::uint32_t kDeletedXattr = 0xffffffff;
  for (const auto& [xid, xref] : inode.xrefs) {
    Mark(*xref, Use::kAll);
    const auto found = xattrs_.find(xid);
    if ((xref->version & 1U) != 0) {  // the reference is deleted
      continue;
    }
    if (found == xattrs_.end() || found->second->version == kDeletedXattr ||
        found->second->prefix >= kPrefixes.size()) {
      Report("bad-xattr", xref->range,
             fmt::format("inode {}: attribute {} is not there", xref->id, xid));
      continue;
    }
    const Node& node = *found->second;
    Mark(node, Use::kFields);
    const std::string_view raw = AsText(
        *Slice(source_.bytes(), node.payload.offset, node.payload.length));
    const bool acl = node.prefix == 3 || node.prefix == 4;
    meta.xattrs.emplace_back(
        std::string(kPrefixes.at(node.prefix)) +
            (acl ? std::string()
                 : std::string(raw.substr(0, node.name_length))),
        raw.substr(node.name_length + std::size_t{1}));
  }
}

Result<void> FileSystem::List(std::uint64_t directory, std::uint64_t most,
                              std::vector<TreeEntry>& entries) {
  const auto names = directories_.find(static_cast<std::uint32_t>(directory));
  if (names == directories_.end()) {
    return {};
  }
  for (const auto& [name, node] : names->second) {
    Mark(*node, Use::kFields);
    if (node->target == 0) {
      continue;
    }
    if (entries.size() >= most) {
      return Fail(ErrorCode::kLimit, "jffs2: too many entries");
    }
    entries.push_back({name, node->target});
    const auto target = inodes_.find(node->target);
    if (target != inodes_.end() && !target->second.nodes.empty() &&
        target->second.nodes.back()->mode >> 12U != node->type) {
      Report("type-mismatch", node->range,
             fmt::format("the entry of inode {} states type {}, its mode is "
                         "{:o}",
                         node->target, node->type,
                         target->second.nodes.back()->mode));
    }
  }
  return {};
}

Result<void> FileSystem::AddFile(std::uint64_t number, Member member) {
  const FileMap map(inodes_[static_cast<std::uint32_t>(number)].nodes);
  MarkVisible(map);
  if (map.size() == 0) {
    return sink_.Add(std::move(member), ByteSource());
  }
  const auto& pieces = map.pieces();
  if (pieces.size() == 1 && pieces.begin()->first == 0 &&
      pieces.begin()->second.end == map.size()) {
    const Node& node = *pieces.begin()->second.node;
    if (IsPlain(node) && node.offset == 0 && node.length == map.size()) {
      Mark(node, Use::kOrigin);
      member.origin = node.payload;
      member.stored = true;
      return sink_.Add(std::move(member), *source_.Slice(node.payload));
    }
  }
  FileStream content(map, decoder_);
  return sink_.AddStream(std::move(member), content);
}

// Whether a living file still shows what an outdated node holds.
bool FileSystem::Shows(const FileMap& map, const Node& node) {
  const std::uint64_t most =
      (64ULL << 20U) + 16 * source_.size();  // decoded for this purpose
  if (IsHole(node)) {
    return true;
  }
  if (decoder_.work() > most) {
    return false;
  }
  const auto decoded = decoder_.Decode(node);
  if (!decoded) {
    return false;
  }
  const Bytes old = CopyOf(*decoded);
  Bytes now(old.size());
  const auto count = FileStream(map, decoder_, node.offset).Read(now);
  return count && *count == old.size() && now == old;
}

void FileSystem::ReportOutdated(std::uint32_t number, const Inode& inode) {
  std::vector<const Node*> outdated = inode.outdated;
  for (const Node* node : inode.nodes) {
    if (use_[IndexOf(*node)] == Use::kNone) {
      outdated.push_back(node);
    }
  }
  if (!inode.is_file || outdated.empty()) {
    return;
  }
  const FileMap map(inode.nodes);
  const auto hidden = std::find_if(
      outdated.begin(), outdated.end(),
      [&](const Node* node) { return node->length > 0 && !Shows(map, *node); });
  if (hidden != outdated.end()) {
    Report("hidden-version", (*hidden)->range,
           fmt::format("an older version of inode {} holds {} other bytes at "
                       "{} of the file",
                       number, (*hidden)->length, (*hidden)->offset));
  }
}

void FileSystem::ReportHidden() {
  for (const auto& [number, inode] : inodes_) {
    if (inode.reached) {
      ReportOutdated(number, inode);
      continue;
    }
    for (const std::vector<const Node*>* nodes :
         {&inode.nodes, &inode.outdated}) {
      const auto data = std::find_if(
          nodes->begin(), nodes->end(),
          [](const Node* node) { return node->length > 0 && !IsHole(*node); });
      if (data != nodes->end()) {
        Report("hidden-inode", (*data)->range,
               fmt::format("no name leads to inode {}, which has content",
                           number));
        break;
      }
    }
  }
}

void FileSystem::ClaimNode(const Node& node, Use use) {
  const Range range = node.range;
  const Range payload = node.payload;
  if (!node.intact ||
      (node.kind != NodeKind::kCleanMarker && node.kind != NodeKind::kSummary &&
       node.kind != NodeKind::kPadding && use == Use::kNone)) {
    sink_.Claim(range, RegionUse::kSlack);
    return;
  }
  sink_.Claim({range.offset, payload.offset - range.offset},
              RegionUse::kMetadata);
  if (node.kind == NodeKind::kPadding || node.kind == NodeKind::kCleanMarker) {
    const auto filler = Slice(source_.bytes(), payload.offset, payload.length);
    const bool clean =
        filler && !filler->empty() && AllAre(*filler, filler->front());
    sink_.Claim(payload, clean ? RegionUse::kPadding : RegionUse::kSlack);
  } else if (use != Use::kOrigin) {
    sink_.Claim(payload, node.kind == NodeKind::kInode ? RegionUse::kMember
                                                       : RegionUse::kMetadata);
  }
  sink_.Claim({payload.end(), range.end() - payload.end()}, RegionUse::kSlack);
}

void FileSystem::ClaimAll() {
  for (const Node& node : log_.nodes) {
    ClaimNode(node, use_[IndexOf(node)]);
  }
  for (const Range& gap : log_.gaps) {
    const ByteView between = *Slice(source_.bytes(), gap.offset, gap.length);
    sink_.Claim(gap, IsErased(between) || IsZero(between) ? RegionUse::kPadding
                                                          : RegionUse::kSlack);
  }
}

}  // namespace assay::formats::jffs2
