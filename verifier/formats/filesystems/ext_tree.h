// The upper half of reading ext2, ext3 and ext4: directories, links, extended
// attributes and inline content, and which bytes all of it owns.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/filesystems/ext_volume.h"
#include "verifier/formats/filesystems/file_tree.h"

namespace assay::formats::ext {

// An entry that was found where none should be, in the room behind another.
struct HiddenEntry {
  std::string name = {};
  std::uint64_t inode = 0;
  std::uint64_t directory = 0;
};

class Tree : public FileTree {
 public:
  Tree(const Volume& volume, Coverage& coverage, ArtifactSink& sink);

  Result<TreeNode> Load(std::uint64_t inode) override;
  Result<void> List(std::uint64_t inode, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t inode, Member member) override;

  // Claims an inode of the file system itself, and with `content` its blocks.
  void ClaimSpecial(std::uint64_t inode, bool content);
  [[nodiscard]] bool IsSpecial(std::uint64_t inode) const {
    return special_.count(inode) != 0;
  }
  [[nodiscard]] const std::vector<HiddenEntry>& hidden() const {
    return hidden_;
  }
  // Claims a block as metadata; false when it is something else already.
  bool OwnBlock(std::uint64_t block);
  void Report(std::string_view what, Range range, std::string detail);

 private:
  using Xattrs = std::vector<std::pair<std::string, std::string>>;

  [[nodiscard]] Result<void> Map(const Inode& inode,
                                 std::vector<Extent>& extents);
  // All of a directory's or a link's content, whose blocks become metadata.
  [[nodiscard]] Result<Bytes> ReadOwned(const Inode& inode, std::uint64_t most);
  [[nodiscard]] Result<std::string> Target(const Inode& inode);
  // Where the two parts of inline content lie in the image.
  [[nodiscard]] std::vector<Extent> InlineExtents(const Inode& inode) const;
  [[nodiscard]] Result<void> ReadXattrs(const Inode& inode, Xattrs& xattrs);
  [[nodiscard]] Result<void> XattrsAt(ByteView region, std::uint64_t entries,
                                      std::uint64_t values, Xattrs& xattrs);
  [[nodiscard]] Result<std::string> ValueOf(std::uint64_t inode,
                                            std::uint64_t size);
  // One block of a directory, or one part of an inline directory.
  [[nodiscard]] Result<void> ListBlock(ByteView block, std::uint64_t most,
                                       std::vector<TreeEntry>& entries);
  void CheckListBlock(const Inode& directory, ByteView block,
                      std::uint64_t index);
  void FindHidden(ByteView gap);

  const Volume& volume_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  Inode current_ = {};
  std::set<std::uint64_t> special_;
  std::set<std::uint64_t> xattr_blocks_;
  std::uint64_t xattr_bytes_left_;
  std::vector<HiddenEntry> hidden_;
};

// Where "system.data" lies in an inode with inline data, or nothing.
[[nodiscard]] std::optional<Range> InlineRest(const Inode& inode);

}  // namespace assay::formats::ext
