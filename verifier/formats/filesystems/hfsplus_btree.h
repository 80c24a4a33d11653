// A B-tree file of an HFS Plus volume. Layout: Apple Technical Note TN1150,
// "B-Trees".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats::hfsplus {

class Btree {
 public:
  // kMalformed when the header node contradicts itself.
  [[nodiscard]] static Result<Btree> Open(ByteSource content);

  [[nodiscard]] std::uint64_t node_size() const { return node_size_; }
  // Nodes that the tree reaches from its header: all others are free.
  [[nodiscard]] bool IsUsed(std::uint64_t node) const {
    return node < used_.size() && used_[static_cast<std::size_t>(node)];
  }
  [[nodiscard]] std::uint64_t nodes() const { return used_.size(); }
  // The leaves' records, in their order: key and data, from the key's length.
  [[nodiscard]] const std::vector<Range>& records() const { return records_; }
  [[nodiscard]] ByteView BytesOf(Range record) const {
    return Slice(content_.bytes(), record.offset, record.length)
        .value_or(ByteView());
  }
  // What is wrong with the tree; empty when nothing is.
  [[nodiscard]] const std::vector<std::string>& problems() const {
    return problems_;
  }

 private:
  explicit Btree(ByteSource content) : content_(std::move(content)) {}

  struct Node;
  [[nodiscard]] std::optional<Node> NodeAt(std::uint64_t number) const;
  void ReadMaps(const Node& header);
  void Descend(std::uint32_t root, unsigned depth,
               std::vector<std::uint64_t>& leaves);
  void TakeChildren(const Node& node, std::vector<std::uint64_t>& below);
  void FollowChain(std::uint32_t first, std::vector<std::uint64_t>& leaves);
  void TakeRecords(const std::vector<std::uint64_t>& leaves);
  [[nodiscard]] bool Use(std::uint64_t node);
  void Problem(std::string what);

  ByteSource content_;
  std::uint64_t node_size_ = 0;
  std::vector<bool> used_ = {};
  std::vector<Range> records_ = {};
  std::vector<std::string> problems_ = {};
};

// The data behind a record's key, which begins with its length.
[[nodiscard]] ByteView DataOf(ByteView record);

}  // namespace assay::formats::hfsplus
