// The tree of a JFFS2 file system, put together from the nodes of its log.
// Semantics: Linux fs/jffs2/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/flash/jffs2_file.h"
#include "verifier/formats/flash/jffs2_nodes.h"

namespace assay::formats::jffs2 {

inline constexpr std::uint32_t kRootInode = 1;

// What its names lead to, and what each node is good for. Source and log
// outlive it.
class FileSystem : public FileTree {
 public:
  FileSystem(const ByteSource& source, const Log& log, ArtifactSink& sink);

  [[nodiscard]] Result<TreeNode> Load(std::uint64_t inode) override;
  [[nodiscard]] Result<void> List(std::uint64_t directory, std::uint64_t most,
                                  std::vector<TreeEntry>& entries) override;
  [[nodiscard]] Result<void> AddFile(std::uint64_t inode,
                                     Member member) override;

  // After the walk: what it did not reach.
  void ReportHidden();
  void ClaimAll();

 private:
  enum class Use : std::uint8_t { kNone, kFields, kAll, kOrigin };
  struct Inode {
    std::vector<const Node*> nodes = {};  // intact, oldest first
    std::vector<const Node*> outdated = {};
    std::map<std::uint32_t, const Node*> xrefs = {};  // by xid, the newest
    bool reached = false;
    bool is_file = false;
  };
  using Names = std::map<std::string, const Node*>;

  void Sort();
  void SortVersions(Inode& inode);
  void AddDirent(const Node& node);
  void MarkVisible(const FileMap& map);
  void ReadXattrs(const Inode& inode, FileMetadata& meta);
  void ReadSpecial(const Node& node, FileMetadata& meta);
  bool Shows(const FileMap& map, const Node& node);
  void ReportOutdated(std::uint32_t number, const Inode& inode);
  void ClaimNode(const Node& node, Use use);

  std::size_t IndexOf(const Node& node) const {
    return static_cast<std::size_t>(&node - log_.nodes.data());
  }
  void Mark(const Node& node, Use use) {
    Use& marked = use_[IndexOf(node)];
    marked = std::max(marked, use);
  }
  void Report(std::string_view what, Range range, std::string detail);

  const ByteSource& source_;
  const Log& log_;
  ArtifactSink& sink_;
  Decoder decoder_;
  std::vector<Use> use_;  // of each node
  std::map<std::uint32_t, Inode> inodes_;
  std::map<std::uint32_t, Names> directories_;
  std::map<std::uint32_t, const Node*> xattrs_;  // the newest of each xid
};

}  // namespace assay::formats::jffs2
