// The upper half of reading Btrfs: subvolumes, directories, links and
// attributes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "verifier/formats/filesystems/btrfs_file.h"
#include "verifier/formats/filesystems/file_tree.h"

namespace assay::formats::btrfs {

class Tree : public FileTree {
 public:
  Tree(Volume& volume, Coverage& coverage, ArtifactSink& sink);

  Result<TreeNode> Load(std::uint64_t inode) override;
  Result<void> List(std::uint64_t inode, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t inode, Member member) override;

  // The walk's number of an inode: object `object` of tree `tree`.
  std::uint64_t NumberOf(std::uint64_t tree, std::uint64_t object);
  // Without giving one that it does not have yet; 0 then.
  [[nodiscard]] std::uint64_t KnownNumberOf(std::uint64_t tree,
                                            std::uint64_t object) const;
  // The root of a tree, as the tree of roots has it.
  [[nodiscard]] Result<Root> RootOf(std::uint64_t tree);
  // All trees of files that were entered.
  [[nodiscard]] const std::map<std::uint64_t, Root>& entered() const {
    return roots_;
  }
  // Claims all places of content, and reports copies that differ.
  void ClaimPlaces(const std::vector<Range>& places, RegionUse use);

 private:
  using Xattrs = std::vector<std::pair<std::string, std::string>>;
  struct Inode {
    std::uint64_t tree = 0;  // 0: what stands for a subvolume not there
    std::uint64_t object = 0;
    Root root = {};
    std::uint64_t size = 0;
  };
  struct Entry {  // of a directory, or an attribute
    Key location = {};
    std::uint8_t type = 0;
    std::string name = {};
    std::string value = {};
  };

  [[nodiscard]] Result<std::vector<Entry>> EntriesOf(const Item& item) const;
  [[nodiscard]] Result<Xattrs> ReadXattrs(const Inode& inode);
  [[nodiscard]] Result<std::string> Target(const Inode& inode);
  [[nodiscard]] TreeEntry Resolved(const Inode& directory, const Entry& entry);
  [[nodiscard]] bool HasSubvolume(const Inode& directory, std::uint64_t child);
  [[nodiscard]] Result<void> ListIndex(const Inode& directory,
                                       std::uint64_t most,
                                       std::vector<Entry>& found);
  void CompareNames(const Inode& directory, std::vector<Entry>& found);

  Volume& volume_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  Inode current_ = {};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> numbers_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> known_;
  std::map<std::uint64_t, Root> roots_;
  std::uint64_t xattr_bytes_left_;
};

}  // namespace assay::formats::btrfs
