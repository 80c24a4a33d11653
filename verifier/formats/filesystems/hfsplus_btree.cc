#include "verifier/formats/filesystems/hfsplus_btree.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "verifier/formats/filesystems/hfsplus_volume.h"

namespace assay::formats::hfsplus {
namespace {

struct Descriptor {
  Be32 next, previous;
  std::uint8_t kind = 0;
  std::uint8_t height = 0;
  Be16 records, reserved;
};
static_assert(sizeof(Descriptor) == 14 && FileStruct<Descriptor>);

struct HeaderRecord {
  Be16 depth;
  Be32 root, leaf_records, first_leaf, last_leaf;
  Be16 node_size, longest_key;
  Be32 nodes, free_nodes;
};
static_assert(sizeof(HeaderRecord) == 30 && FileStruct<HeaderRecord>);

enum Kind : std::uint8_t { kIndex = 0, kHeader = 1, kMap = 2, kLeaf = 0xFF };

constexpr unsigned kMostDepth = 16;
constexpr std::size_t kMostProblems = 8;

}  // namespace

struct Btree::Node {
  Descriptor descriptor = {};
  std::vector<Range> records = {};  // in the file
};

Result<Btree> Btree::Open(ByteSource content) {
  const auto header = ReadAt<HeaderRecord>(content.bytes(), sizeof(Descriptor));
  const auto descriptor = ReadAt<Descriptor>(content.bytes(), 0);
  constexpr std::uint16_t kSmallest = 512;
  if (!header || !descriptor || descriptor->kind != kHeader ||
      header->node_size < kSmallest ||
      !std::has_single_bit(std::uint16_t{header->node_size}) ||
      header->node_size > content.size()) {
    return Malformed("a B-tree without a header node");
  }
  Btree tree(std::move(content));
  tree.node_size_ = header->node_size;
  tree.used_.resize(
      static_cast<std::size_t>(tree.content_.size() / tree.node_size_));
  (void)tree.Use(0);
  const auto first = tree.NodeAt(0);
  if (!first || header->depth > kMostDepth) {
    return Malformed("a B-tree whose header node is damaged");
  }
  tree.ReadMaps(*first);
  std::vector<std::uint64_t> leaves;
  if (header->depth > 0) {
    tree.Descend(header->root, header->depth, leaves);
    tree.FollowChain(header->first_leaf, leaves);
  }
  tree.TakeRecords(leaves);
  if (tree.records_.size() != header->leaf_records) {
    tree.Problem(fmt::format("{} records are stated, {} are there",
                             std::uint32_t{header->leaf_records},
                             tree.records_.size()));
  }
  return tree;
}

void Btree::Problem(std::string what) {
  if (problems_.size() < kMostProblems) {
    problems_.push_back(std::move(what));
  }
}

bool Btree::Use(std::uint64_t node) {
  if (node >= used_.size() || used_[static_cast<std::size_t>(node)]) {
    return false;
  }
  used_[static_cast<std::size_t>(node)] = true;
  return true;
}

// Offsets of records stand at the node's end, the first one last; one more
// says where free space begins.
std::optional<Btree::Node> Btree::NodeAt(std::uint64_t number) const {
  const auto bytes = Slice(content_.bytes(), number * node_size_, node_size_);
  const auto descriptor = bytes ? ReadAt<Descriptor>(*bytes, 0) : std::nullopt;
  if (!descriptor) {
    return std::nullopt;
  }
  const std::uint64_t count = descriptor->records;
  if ((count + 1) * sizeof(Be16) > node_size_ - sizeof(Descriptor)) {
    return std::nullopt;
  }
  Node node{.descriptor = *descriptor};
  const std::uint64_t table = node_size_ - (count + 1) * sizeof(Be16);
  std::uint64_t start = sizeof(Descriptor);
  for (std::uint64_t i = 0; i <= count; ++i) {
    const std::uint64_t offset =
        *ReadAt<Be16>(*bytes, node_size_ - (i + 1) * sizeof(Be16));
    if (offset < start || offset > table) {
      return std::nullopt;
    }
    if (i > 0) {
      node.records.push_back({number * node_size_ + start, offset - start});
    }
    start = offset;
  }
  return node;
}

// Which nodes are free is in the header node and in a chain of map nodes; only
// that these are used is of interest.
void Btree::ReadMaps(const Node& header) {
  std::uint32_t next = header.descriptor.next;
  while (next != 0) {
    const auto node = NodeAt(next);
    if (!node || node->descriptor.kind != kMap || !Use(next)) {
      Problem(fmt::format("node {} is no map of its own", next));
      return;
    }
    next = node->descriptor.next;
  }
}

void Btree::TakeChildren(const Node& node, std::vector<std::uint64_t>& below) {
  for (const Range& record : node.records) {
    if (const auto child = ReadAt<Be32>(DataOf(BytesOf(record)), 0)) {
      below.push_back(*child);
    } else {
      Problem(fmt::format("the record at {} leads to no node", record.offset));
    }
  }
}

// Level by level, from the root down.
void Btree::Descend(std::uint32_t root, unsigned depth,
                    std::vector<std::uint64_t>& leaves) {
  std::vector<std::uint64_t> level = {root};
  for (unsigned height = depth; height > 0; --height) {
    std::vector<std::uint64_t> below;
    for (const std::uint64_t number : level) {
      const auto node = NodeAt(number);
      const std::uint8_t kind = height > 1 ? kIndex : kLeaf;
      if (!node || node->descriptor.kind != kind || !Use(number)) {
        Problem(fmt::format("node {} is damaged, or used twice", number));
        continue;
      }
      if (height == 1) {
        leaves.push_back(number);
      } else {
        TakeChildren(*node, below);
      }
    }
    level = std::move(below);
  }
}

// The leaves are a list as well, which some readers follow instead.
void Btree::FollowChain(std::uint32_t first,
                        std::vector<std::uint64_t>& leaves) {
  std::vector<std::uint64_t> chain;
  std::uint32_t next = first;
  while (next != 0 && chain.size() <= used_.size()) {
    const auto node = NodeAt(next);
    if (!node || node->descriptor.kind != kLeaf) {
      break;
    }
    chain.push_back(next);
    next = node->descriptor.next;
  }
  if (chain == leaves) {
    return;
  }
  Problem("index and list of leaves lead to other leaves");
  for (const std::uint64_t number : chain) {
    if (Use(number)) {
      leaves.push_back(number);
    }
  }
}

void Btree::TakeRecords(const std::vector<std::uint64_t>& leaves) {
  for (const std::uint64_t number : leaves) {
    if (const auto node = NodeAt(number)) {
      records_.insert(records_.end(), node->records.begin(),
                      node->records.end());
    }
  }
}

ByteView DataOf(ByteView record) {
  const auto length = ReadAt<Be16>(record, 0);
  const std::uint64_t at =
      length ? (sizeof(Be16) + *length + 1U) / 2 * 2 : record.size();
  return record.subspan(
      static_cast<std::size_t>(std::min<std::uint64_t>(at, record.size())));
}

}  // namespace assay::formats::hfsplus
