// The upper half of reading F2FS: directories, links and extended attributes,
// and which bytes all of it owns.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/filesystems/f2fs_volume.h"
#include "verifier/formats/filesystems/file_tree.h"

namespace assay::formats::f2fs {

class Tree : public FileTree {
 public:
  Tree(const Volume& volume, Coverage& coverage, ArtifactSink& sink);

  Result<TreeNode> Load(std::uint64_t inode) override;
  Result<void> List(std::uint64_t inode, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t inode, Member member) override;

  // Claims an inode of the file system itself and its blocks.
  void ClaimSpecial(std::uint32_t inode);
  [[nodiscard]] bool IsSpecial(std::uint64_t inode) const {
    return special_.count(inode) != 0;
  }
  // Claims a block as metadata; false when it is something else already.
  bool OwnBlock(std::uint64_t block);
  void Report(std::string_view what, Range range, std::string detail);

 private:
  using Xattrs = std::vector<std::pair<std::string, std::string>>;

  [[nodiscard]] Result<std::vector<Run>> Map(const Inode& inode);
  [[nodiscard]] Result<std::string> Target(const Inode& inode);
  [[nodiscard]] Result<void> ReadXattrs(const Inode& inode, Xattrs& xattrs);
  // Entries of a block, or of the room for them in an inode.
  [[nodiscard]] Result<void> ListEntries(ByteView area, std::uint64_t count,
                                         std::uint64_t start,
                                         std::vector<TreeEntry>& entries);

  const Volume& volume_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  Inode current_ = {};
  std::set<std::uint64_t> special_;
};

}  // namespace assay::formats::f2fs
