// The allocation groups of XFS: their headers, the trees that these lead to,
// the inodes that are allocated in them, and the log. Layout: Linux fs/xfs/
// libxfs/xfs_format.h, xfs_log_format.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "verifier/formats/filesystems/xfs_tree.h"

namespace assay::formats::xfs {

// Whether the headers of the first group follow the super block: those of the
// others are followed by copies with another number.
[[nodiscard]] bool IsFirstGroup(const Volume& volume);

class Groups {
 public:
  Groups(const Volume& volume, Tree& tree) : volume_(volume), tree_(tree) {}

  // The headers and trees of all groups that are there.
  void Claim();
  void ClaimLog();
  // All allocated inodes; those that no directory leads to are given out.
  [[nodiscard]] Result<void> ClaimInodes(TreeWalk& walk, Coverage& coverage,
                                         ArtifactSink& sink);

 private:
  struct TreeKind {
    std::string_view magic4, magic5;
    std::uint64_t key_size = 0;
    std::uint64_t record_size = 0;
  };
  struct Chunk {
    std::uint64_t first = 0;  // inode
    std::uint64_t free = 0;   // a bit for each of 64 inodes
    std::uint64_t holes = 0;  // likewise: no inode lies there
  };
  using Visit = std::function<void(ByteView records)>;

  void ClaimHeader(std::uint64_t group, std::uint64_t sector,
                   std::string_view magic, std::uint64_t checksum);
  void CompareSuper(std::uint64_t group, Range place);
  void ClaimTree(std::uint64_t group, std::uint64_t root, std::uint32_t levels,
                 const TreeKind& kind, const Visit& visit);
  void ClaimTrees(std::uint64_t group, std::uint64_t start);
  void KeepChunks(std::uint64_t group, ByteView records);
  [[nodiscard]] Result<void> GiveUnlisted(const Chunk& chunk, TreeWalk& walk);
  [[nodiscard]] bool IsBlank(std::uint64_t inode) const;
  void CheckLog(ByteView log, Range place);

  const Volume& volume_;
  Tree& tree_;
  std::vector<Chunk> chunks_;
};

}  // namespace assay::formats::xfs
