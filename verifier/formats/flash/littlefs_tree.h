// The tree of a littlefs: directories are chains of metadata pairs, and all
// pairs form one list, which is how those are found that nothing else leads
// to. Layout: littlefs SPEC.md, DESIGN.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/flash/littlefs_log.h"

namespace assay::formats::littlefs {

inline constexpr std::uint64_t kRoot = 0;  // as the walk numbers it

// The source outlives it.
class Tree : public FileTree {
 public:
  Tree(const ByteSource& source, const Super& super, ArtifactSink& sink);

  // Follows the list of all pairs: where the root begins, and what was left
  // undone when the power went. An error when it leads nowhere.
  [[nodiscard]] Result<void> FollowList();

  [[nodiscard]] Result<TreeNode> Load(std::uint64_t number) override;
  [[nodiscard]] Result<void> List(std::uint64_t number, std::uint64_t most,
                                  std::vector<TreeEntry>& entries) override;
  [[nodiscard]] Result<void> AddFile(std::uint64_t number,
                                     Member member) override;

  // After the walk.
  void ReportOrphans();
  void ClaimRest();

 private:
  // A file or directory that some pair names.
  struct Node {
    Kind kind = Kind::kDirectory;
    Form form = Form::kDirectory;
    Range data = {};
    Pair pair = {};  // of a directory
    std::vector<std::pair<std::uint8_t, Range>> attributes = {};
    std::vector<Range> older = {};
  };

  [[nodiscard]] Result<void> ListPair(const Block& block, std::uint64_t most,
                                      std::vector<TreeEntry>& entries);
  [[nodiscard]] std::optional<std::uint64_t> NodeOf(const Entry& entry);
  [[nodiscard]] bool IsMoved(const Block& block, std::size_t id) const;
  void Account(Pair pair, const Block& block);
  void ReportDeleted(const Block& block);
  void ReportOlder(const Node& node, const std::string& name,
                   std::span<const Extent> extents);
  [[nodiscard]] Result<std::uint64_t> CountBlocks(std::uint64_t size);
  [[nodiscard]] Result<void> MapSkipList(const Node& node,
                                         std::vector<Extent>& extents);
  [[nodiscard]] bool CheckSkips(const std::vector<std::uint32_t>& blocks) const;
  [[nodiscard]] std::string TextAt(Range range) const;
  void Report(std::string_view what, Range range, std::string detail);
  [[nodiscard]] Range RangeOf(std::uint64_t block) const {
    return {block * super_.block_size, super_.block_size};
  }

  const ByteSource& source_;
  ByteView bytes_;
  Super super_;
  ArtifactSink& sink_;
  Coverage coverage_;
  std::vector<Node> nodes_;
  std::map<std::uint64_t, std::uint64_t> directories_;  // pair to node
  std::map<std::uint64_t, Pair> listed_;                // pairs of the list
  std::map<std::uint64_t, bool> used_;  // pairs that were accounted for
  std::optional<std::pair<std::uint64_t, std::uint32_t>> moved_;  // pair, id
  std::uint64_t spare_blocks_ = 0;  // that no skip list has had yet
};

}  // namespace assay::formats::littlefs
