// The upper half of reading XFS: directories, links and extended attributes,
// and which bytes all of it owns.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/xfs_volume.h"

namespace assay::formats::xfs {

class Tree : public FileTree {
 public:
  Tree(const Volume& volume, Coverage& coverage, ArtifactSink& sink);

  Result<TreeNode> Load(std::uint64_t inode) override;
  Result<void> List(std::uint64_t inode, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t inode, Member member) override;

  // Claims an inode of the file system itself and its blocks.
  void ClaimSpecial(std::uint64_t inode);
  [[nodiscard]] bool IsSpecial(std::uint64_t inode) const {
    return special_.count(inode) != 0;
  }
  // Claims what lies there as metadata; false when some of it is something
  // else already, or lies outside.
  bool Own(Range range);
  void Report(std::string_view what, Range range, std::string detail);

 private:
  using Xattrs = std::vector<std::pair<std::string, std::string>>;

  [[nodiscard]] Result<std::vector<Piece>> Map(const Inode& inode,
                                               const Fork& fork);
  // Claims all blocks of a fork as metadata.
  [[nodiscard]] Result<void> OwnPieces(const std::vector<Piece>& pieces);
  [[nodiscard]] Result<std::string> Target(const Inode& inode);
  [[nodiscard]] Result<void> ListShort(const Inode& inode,
                                       std::vector<TreeEntry>& entries) const;
  [[nodiscard]] Result<void> ListBlock(ByteView block, std::uint64_t offset,
                                       std::vector<TreeEntry>& entries);
  [[nodiscard]] Result<void> ListPieces(const std::vector<Piece>& pieces,
                                        std::uint64_t most,
                                        std::vector<TreeEntry>& entries);
  void CheckIndexBlock(ByteView block, std::uint64_t offset);
  // A directory block, whose blocks may lie in several pieces.
  [[nodiscard]] Result<Bytes> Gathered(const std::vector<Piece>& pieces,
                                       std::uint64_t at, std::uint64_t count);

  [[nodiscard]] Result<void> ReadXattrs(const Inode& inode, Xattrs& xattrs);
  [[nodiscard]] Result<void> XattrLeaf(ByteView block,
                                       const std::vector<Piece>& pieces,
                                       Xattrs& xattrs);
  [[nodiscard]] Result<std::string> RemoteValue(
      const std::vector<Piece>& pieces, std::uint64_t at, std::uint64_t size);
  [[nodiscard]] Result<void> Keep(std::uint8_t flags, std::string_view name,
                                  std::string_view value, Xattrs& xattrs);

  const Volume& volume_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  Inode current_ = {};
  std::set<std::uint64_t> special_;
  std::uint64_t xattr_bytes_left_;
};

// The bytes of block `at` of a fork.
[[nodiscard]] Result<ByteView> BlockOf(const Volume& volume,
                                       const std::vector<Piece>& pieces,
                                       std::uint64_t at);

}  // namespace assay::formats::xfs
