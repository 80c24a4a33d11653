// UBIFS, as mkfs.ubifs writes it or a UBI volume holds it: the committed
// index, and on top of it the journal.
// Layout: Linux fs/ubifs/ubifs-media.h.
//
// Claims: super block, master nodes, log, index and the nodes of what the root
// leads to are metadata, and the data of living files member bytes. The area
// of the LPT (a table of free space) is metadata as far as it is written, as
// its nodes are not byte-aligned. Everything else that is no padding is slack;
// where it holds file data that no living file shows, an anomaly says so.
// Blocks of zeros count as erased: so does this program read holes of UBI.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/flash/ubifs_file.h"
#include "verifier/formats/flash/ubifs_index.h"
#include "verifier/formats/format.h"

namespace assay::formats {
namespace {

using ubifs::Geometry;
using ubifs::Index;
using ubifs::InodeNode;
using ubifs::Node;
using ubifs::NodeType;

constexpr std::uint32_t kRootInode = 1;
const ubifs::Blocks kNoBlocks;

class FileSystem : public FileTree {
 public:
  FileSystem(const ByteSource& source, const Index& index, Coverage& coverage,
             ArtifactSink& sink)
      : source_(source),
        index_(index),
        coverage_(coverage),
        sink_(sink),
        decoder_(source.bytes()) {}

  Result<TreeNode> Load(std::uint64_t inode) override;
  Result<void> List(std::uint64_t directory, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t inode, Member member) override;

  [[nodiscard]] bool Reached(std::uint32_t inode) const {
    return reached_.count(inode) != 0;
  }

 private:
  [[nodiscard]] std::optional<InodeNode> InodeOf(std::uint64_t inode) const;
  // What lies behind an inode node: a link's target, a device, a value.
  [[nodiscard]] std::optional<ByteView> InlineData(std::uint64_t inode) const;
  void ReadXattrs(std::uint64_t inode, FileMetadata& meta);
  void ReadSpecial(std::uint64_t inode, const InodeNode& node,
                   FileMetadata& meta);
  void ClaimMetadata(Range range) {
    coverage_.ClaimFree(range, RegionUse::kMetadata, sink_);
  }
  void Report(std::string_view what, Range range, std::string detail) {
    sink_.Report({.id = fmt::format("ubifs.{}", what),
                  .range = range,
                  .detail = std::move(detail)});
  }

  const ByteSource& source_;
  const Index& index_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  ubifs::Decoder decoder_;
  std::set<std::uint32_t> reached_;
};

std::optional<InodeNode> FileSystem::InodeOf(std::uint64_t inode) const {
  const auto found = index_.inodes.find(static_cast<std::uint32_t>(inode));
  return found == index_.inodes.end()
             ? std::nullopt
             : ReadAt<InodeNode>(source_.bytes(), found->second.offset);
}

std::optional<ByteView> FileSystem::InlineData(std::uint64_t inode) const {
  const auto node = InodeOf(inode);
  if (!node || node->data_length > node->header.length - sizeof(InodeNode)) {
    return std::nullopt;
  }
  const Range range = index_.inodes.at(static_cast<std::uint32_t>(inode));
  return Slice(source_.bytes(), range.offset + sizeof(InodeNode),
               node->data_length);
}

Result<TreeNode> FileSystem::Load(std::uint64_t inode) {
  const auto node = InodeOf(inode);
  if (!node) {
    return Fail(ErrorCode::kMalformed,
                fmt::format("ubifs: inode {} has no intact node", inode));
  }
  reached_.insert(static_cast<std::uint32_t>(inode));
  ClaimMetadata(index_.inodes.at(static_cast<std::uint32_t>(inode)));
  FileMetadata meta{
      .type = TypeOfMode(node->mode),
      .mode = node->mode & 07777U,
      .uid = node->uid,
      .gid = node->gid,
      .mtime = static_cast<std::int64_t>(std::uint64_t{node->mtime})};
  ReadSpecial(inode, *node, meta);
  ReadXattrs(inode, meta);
  return TreeNode{.meta = std::move(meta)};
}

void FileSystem::ReadSpecial(std::uint64_t inode, const InodeNode& node,
                             FileMetadata& meta) {
  const bool link = meta.type == FileType::kSymlink;
  if (!link && meta.type != FileType::kBlockDevice &&
      meta.type != FileType::kCharDevice) {
    return;
  }
  const auto data = InlineData(inode);
  const auto device = data ? ReadAt<Le32>(*data, 0) : std::nullopt;
  if (!data || (!link && !device)) {
    Report("bad-special", index_.inodes.at(static_cast<std::uint32_t>(inode)),
           fmt::format("inode {} states too much or too little data", inode));
  } else if (link && (node.flags & ubifs::kEncryptedFlag) != 0) {
    Report("encrypted-target",
           index_.inodes.at(static_cast<std::uint32_t>(inode)),
           fmt::format("the target of the link {} is encrypted", inode));
  } else if (link) {
    meta.link_target = AsText(*data);
  } else {  // Linux new_encode_dev()
    meta.device_major = *device >> 8U & 0xfffU;
    meta.device_minor = (*device & 0xffU) | (*device >> 12U & 0xfff00U);
  }
}

void FileSystem::ReadXattrs(std::uint64_t inode, FileMetadata& meta) {
  const auto names = index_.xattrs.find(static_cast<std::uint32_t>(inode));
  if (names == index_.xattrs.end()) {
    return;
  }
  for (const auto& [name, entry] : names->second) {
    ClaimMetadata(entry.node);
    const auto value = InlineData(entry.inode);
    if (!value) {
      Report("bad-xattr", entry.node,
             fmt::format("inode {}: an attribute has no intact value", inode));
      continue;
    }
    reached_.insert(entry.inode);
    ClaimMetadata(index_.inodes.at(entry.inode));
    meta.xattrs.emplace_back(name, AsText(*value));
  }
}

Result<void> FileSystem::List(std::uint64_t directory, std::uint64_t most,
                              std::vector<TreeEntry>& entries) {
  // UBIFS_ITYPE_*
  constexpr std::array kTypes = {FileType::kRegular,    FileType::kDirectory,
                                 FileType::kSymlink,    FileType::kBlockDevice,
                                 FileType::kCharDevice, FileType::kFifo,
                                 FileType::kSocket};
  const auto names = index_.entries.find(static_cast<std::uint32_t>(directory));
  if (names == index_.entries.end()) {
    return {};
  }
  for (const auto& [name, entry] : names->second) {
    ClaimMetadata(entry.node);
    if (entries.size() >= most) {
      return Fail(ErrorCode::kLimit, "ubifs: too many entries");
    }
    entries.push_back({name, entry.inode});
    const auto node = InodeOf(entry.inode);
    if (node && (entry.type >= kTypes.size() ||
                 kTypes.at(entry.type) != TypeOfMode(node->mode))) {
      Report("type-mismatch", entry.node,
             fmt::format("the entry of inode {} states type {}, its mode is "
                         "{:o}",
                         entry.inode, entry.type, std::uint32_t{node->mode}));
    }
  }
  return {};
}

Result<void> FileSystem::AddFile(std::uint64_t inode, Member member) {
  const InodeNode node = *InodeOf(inode);
  const auto found = index_.data.find(static_cast<std::uint32_t>(inode));
  const ubifs::Blocks& blocks =
      found == index_.data.end() ? kNoBlocks : found->second;
  const auto only = blocks.size() == 1 ? blocks.find(0) : blocks.end();
  for (const auto& [block, range] : blocks) {
    ClaimMetadata({range.offset, sizeof(ubifs::DataNode)});
    const Range data{range.offset + sizeof(ubifs::DataNode),
                     range.length - sizeof(ubifs::DataNode)};
    const auto header = ReadAt<ubifs::DataNode>(source_.bytes(), range.offset);
    if (only != blocks.end() && header->compression == 0U &&
        data.length == node.size && header->size == node.size &&
        !coverage_.Touches(data)) {
      coverage_.Add(data);
      member.origin = data;
      member.stored = true;
    } else {
      coverage_.ClaimFree(data, RegionUse::kMember, sink_);
    }
  }
  if ((node.flags & ubifs::kEncryptedFlag) != 0 && node.size != 0U) {
    member.stored = false;
    return sink_.AddOpaque(std::move(member), "encrypted");
  }
  if (member.stored) {
    const Range origin = *member.origin;
    return sink_.Add(std::move(member), *source_.Slice(origin));
  }
  ubifs::FileStream content(decoder_, blocks, node.size);
  return sink_.AddStream(std::move(member), content);
}

// Claims what the tree does not own, and reports what is left of files there.
class Remains {
 public:
  Remains(ByteView bytes, const Geometry& geometry, const Index& index,
          const FileSystem& files, Coverage& coverage, ArtifactSink& sink)
      : bytes_(bytes),
        geometry_(geometry),
        index_(index),
        files_(files),
        coverage_(coverage),
        sink_(sink),
        work_left_(16 * bytes.size()) {}

  void Run() {
    Claim({0, ubifs::kSuperLength}, RegionUse::kMetadata);
    for (const std::uint64_t at : index_.structure) {
      if (const auto node = ubifs::NodeAt(bytes_, at)) {
        ClaimNode(*node);
      }
    }
    for (std::uint32_t leb = geometry_.log_end; leb < geometry_.lpt_end;
         ++leb) {
      ClaimWritten(leb);
    }
    for (std::uint32_t leb = 0; leb < geometry_.lebs; ++leb) {
      const std::uint64_t at = geometry_.leb_size * leb;
      if (at >= bytes_.size()) {
        break;
      }
      if (leb < geometry_.log_end || leb >= geometry_.lpt_end) {
        Search(at,
               std::min<std::uint64_t>(at + geometry_.leb_size, bytes_.size()));
      }
    }
    coverage_.ClaimGaps(bytes_, sink_);
  }

 private:
  void Claim(Range range, RegionUse use) {
    if (Slice(bytes_, range.offset, range.length)) {
      coverage_.ClaimFree(range, use, sink_);
    }
  }

  void ClaimNode(const Node& node) {
    Claim(node.range, RegionUse::kMetadata);
    const auto padding = ReadAt<ubifs::PaddingNode>(bytes_, node.range.offset);
    if (node.type() == NodeType::kPadding && padding) {
      ClaimFiller({node.range.end(), padding->length});
    }
  }

  void ClaimFiller(Range range) {
    const auto filler = Slice(bytes_, range.offset, range.length);
    if (filler && !filler->empty()) {
      Claim(range, AllAre(*filler, filler->front()) ? RegionUse::kPadding
                                                    : RegionUse::kSlack);
    }
  }

  // A LEB of the LPT, to its last byte that is not erased.
  void ClaimWritten(std::uint32_t leb) {
    const std::uint64_t at = geometry_.leb_size * leb;
    if (at >= bytes_.size()) {
      return;
    }
    const ByteView area =
        *Slice(bytes_, at,
               std::min<std::uint64_t>(geometry_.leb_size, bytes_.size() - at));
    std::size_t written = area.size();
    while (written > 0 &&
           (area[written - 1] == 0xff || area[written - 1] == 0)) {
      --written;
    }
    Claim({at, written}, RegionUse::kMetadata);
  }

  // All nodes of a LEB that nothing leads to. Damage may lie between them.
  void Search(std::uint64_t at, std::uint64_t end) {
    while (at < end && work_left_ > 0) {
      at = ubifs::ForEachNode(bytes_, at, end, [&](const Node& node) {
        const bool before = coverage_.Touches(node.range);
        if (node.type() == NodeType::kPadding) {
          ClaimNode(node);
        } else if (!before && node.type() == NodeType::kData) {
          Examine(node);
        }
        return true;
      });
      const auto length = ReadAt<ubifs::Header>(bytes_, at);
      const std::uint64_t work =
          length && length->magic == ubifs::kNodeMagic ? 65536 : 0;
      work_left_ -= std::min<std::uint64_t>(work_left_, work);
      at += 8;
    }
  }

  void Examine(const Node& node) {
    const auto raw = ReadAt<ubifs::DataNode>(bytes_, node.range.offset);
    if (!raw || node.range.length < sizeof(ubifs::DataNode) ||
        !said_.insert(raw->key.inode).second) {
      return;
    }
    const std::uint32_t inode = raw->key.inode;
    const std::uint32_t block = raw->key.rest & 0x1fffffffU;
    if (!files_.Reached(inode)) {
      sink_.Report(
          {.id = "ubifs.hidden-inode",
           .range = node.range,
           .detail = fmt::format("no name leads to inode {}, which has content",
                                 inode)});
      return;
    }
    const auto file = index_.data.find(inode);
    if (file != index_.data.end()) {
      const auto now = file->second.find(block);
      if (now != file->second.end() &&
          std::ranges::equal(Content(now->second), Content(node.range))) {
        said_.erase(inode);
        return;
      }
    }
    sink_.Report({.id = "ubifs.hidden-version",
                  .range = node.range,
                  .detail = fmt::format("an older version of inode {} holds "
                                        "another block {}",
                                        inode, block)});
  }

  [[nodiscard]] ByteView Content(Range node) const {
    constexpr std::uint64_t kFrom = 40;  // size, compression and data
    return *Slice(bytes_, node.offset + kFrom, node.length - kFrom);
  }

  ByteView bytes_;
  Geometry geometry_;
  const Index& index_;
  const FileSystem& files_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  std::uint64_t work_left_;  // of checksums over what is no node
  std::set<std::uint32_t> said_;
};

bool Matches(ByteView head) {
  return ubifs::ReadGeometry(head).has_value();
}

Result<std::uint64_t> Measure(ByteView bytes) {
  const auto geometry = ubifs::ReadGeometry(bytes);
  if (!geometry) {
    return Fail(ErrorCode::kNotThisFormat, "no UBIFS super block");
  }
  // LEBs at the end that were never written are missing in a UBI volume.
  return std::min<std::uint64_t>(geometry->size(), bytes.size());
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto geometry = ubifs::ReadGeometry(input.source().bytes());
  if (!geometry) {
    return Fail(ErrorCode::kMalformed, "no intact UBIFS super block");
  }
  const ByteSource source = *input.source().Slice(
      {0, std::min(geometry->size(), input.source().size())});
  Index index(source.bytes(), *geometry, sink);
  if (auto ok = index.Read(); !ok) {
    return ok;
  }
  Coverage coverage;
  FileSystem files(source, index, coverage, sink);
  TreeWalk walk(files, "ubifs", sink);
  if (auto ok = walk.Run(kRootInode); !ok) {
    return ok;
  }
  Remains(source.bytes(), *geometry, index, files, coverage, sink).Run();
  return {};
}

constexpr Magic kMagics[] = {{"\x31\x18\x10\x06", 0}};  // NOLINT: a table

}  // namespace

extern const Format kUbifs;
const Format kUbifs = {
    .name = "ubifs",
    .title = "UBIFS file system",
    .reference = "Linux fs/ubifs/ubifs-media.h",
    .magics = kMagics,
    .carvable = true,
    .proof = Proof::kChecksum,
    .depth = "members",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
};

}  // namespace assay::formats
