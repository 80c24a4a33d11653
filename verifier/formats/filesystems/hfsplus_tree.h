// The files of an HFS Plus volume, as the walk over file systems asks for them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/hfsplus_catalog.h"
#include "verifier/formats/filesystems/hfsplus_compression.h"
#include "verifier/formats/filesystems/hfsplus_volume.h"

namespace assay::formats::hfsplus {

// The inode of catalog item i is i + 1: numbers of the catalog may repeat.
class Tree : public FileTree {
 public:
  // `attributes` may be null.
  Tree(const Volume& volume, const Catalog& catalog,
       const Attributes* attributes, Coverage& coverage, ArtifactSink& sink)
      : volume_(volume),
        catalog_(catalog),
        attributes_(attributes),
        coverage_(coverage),
        sink_(sink) {}

  Result<TreeNode> Load(std::uint64_t inode) override;
  Result<void> List(std::uint64_t inode, std::uint64_t most,
                    std::vector<TreeEntry>& entries) override;
  Result<void> AddFile(std::uint64_t inode, Member member) override;

  // Whether a folder that was read names the item.
  [[nodiscard]] bool IsListed(std::size_t item) const {
    return listed_.count(item) != 0;
  }
  void Report(std::string_view what, std::string detail);

 private:
  [[nodiscard]] const Item& ItemOf(std::uint64_t inode) const {
    return catalog_.items().at(static_cast<std::size_t>(inode - 1));
  }
  void PutAttributes(const Item& item, const ItemRecord& record,
                     FileMetadata& meta);
  [[nodiscard]] std::optional<std::string> LongValue(std::uint32_t file,
                                                     const ForkData& fork);
  // All of a fork whose blocks become metadata.
  [[nodiscard]] Result<ByteSource> ReadOwned(std::uint32_t file, ForkType type,
                                             const ForkData& fork,
                                             std::uint64_t most);
  [[nodiscard]] Result<void> AddFork(Member member, std::uint32_t file,
                                     ForkType type, const ForkData& fork);
  [[nodiscard]] Result<void> AddCompressed(Member member, const Item& item,
                                           const Compressed& compressed);

  const Volume& volume_;
  const Catalog& catalog_;
  const Attributes* attributes_;
  Coverage& coverage_;
  ArtifactSink& sink_;
  std::set<std::size_t> listed_ = {};
  std::optional<Compressed> compressed_ = {};  // of the item that was loaded
};

// A name as POSIX has it: with ':' for the '/' that Mac OS allows.
[[nodiscard]] std::string PosixName(std::string name);

}  // namespace assay::formats::hfsplus
