#include "verifier/formats/flash/ubifs_index.h"

#include <fmt/format.h>

#include <algorithm>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/coverage.h"

namespace assay::formats::ubifs {
namespace {

constexpr std::uint8_t kPaddingByte = 0xce;
constexpr std::uint32_t kMasterLeb = 1;  // and 2
constexpr std::uint64_t kSmallestLeb = 4096;
constexpr std::uint64_t kLargestLeb = 64ULL << 20U;

// Data that do not shrink, or a link's target, and a node with 8 times the
// usual children and their hashes.
constexpr std::uint32_t kLargestLeaf = 10240;
constexpr std::uint32_t kLargestNode = 65536;

enum class KeyType : std::uint8_t { kInode, kData, kDirent, kXattrEntry };

KeyType TypeOfKey(std::uint32_t rest) {
  return static_cast<KeyType>(rest >> 29U);
}

}  // namespace

std::optional<Node> NodeAt(ByteView bytes, std::uint64_t at) {
  const auto header = ReadAt<Header>(bytes, at);
  if (!header || header->magic != kNodeMagic ||
      header->length < sizeof(Header)) {
    return std::nullopt;
  }
  const bool leaf = header->type <= static_cast<int>(NodeType::kPadding);
  const auto raw = Slice(bytes, at, header->length);
  if (!raw || header->length > (leaf ? kLargestLeaf : kLargestNode) ||
      Crc32Raw(~0U, raw->subspan(8)) != header->crc) {
    return std::nullopt;
  }
  return Node{{at, header->length}, *header};
}

std::optional<Geometry> ReadGeometry(ByteView bytes) {
  const auto node = NodeAt(bytes, 0);
  const auto super = ReadAt<SuperNode>(bytes, 0);
  if (!node || node->type() != NodeType::kSuper ||
      node->range.length != kSuperLength || !super ||
      super->leb_size < kSmallestLeb || super->leb_size > kLargestLeb ||
      super->leb_size % 8 != 0 || super->key_format != 0) {
    return std::nullopt;
  }
  const std::uint64_t log_end = 3ULL + super->log_lebs;
  const std::uint64_t lpt_end = log_end + super->lpt_lebs;
  const std::uint64_t main_first = lpt_end + super->orphan_lebs;
  if (super->log_lebs == 0U || main_first >= super->lebs ||
      super->lebs > super->most_lebs) {
    return std::nullopt;
  }
  return Geometry{.leb_size = super->leb_size,
                  .lebs = super->lebs,
                  .log_end = static_cast<std::uint32_t>(log_end),
                  .lpt_end = static_cast<std::uint32_t>(lpt_end),
                  .main_first = static_cast<std::uint32_t>(main_first)};
}

std::uint64_t ForEachNode(ByteView bytes, std::uint64_t from, std::uint64_t end,
                          const std::function<bool(const Node&)>& visit) {
  end = std::min<std::uint64_t>(end, bytes.size());
  std::uint64_t at = from;
  while (at < end) {
    const auto node = NodeAt(bytes, at);
    if (!node) {
      // Gaps too small for a padding node are filled with a byte of their own.
      const auto filler =
          Slice(bytes, at, std::min<std::uint64_t>(8, end - at));
      if (filler && AllAre(*filler, kPaddingByte)) {
        at += filler->size();
        continue;
      }
      return at;
    }
    if (!visit(*node)) {
      return at;
    }
    at = node->range.end() + GapTo(8, node->range.end());
    if (node->type() == NodeType::kPadding) {
      const auto padding = ReadAt<PaddingNode>(bytes, node->range.offset);
      if (!padding || padding->length > end - std::min(at, end)) {
        return end;
      }
      at = node->range.end() + padding->length;
    }
  }
  return end;
}

void Index::Report(std::string_view what, Range range, std::string detail) {
  sink_.Report({.id = fmt::format("ubifs.{}", what),
                .range = range,
                .detail = std::move(detail)});
}

std::optional<std::uint64_t> Index::Place(std::uint32_t leb,
                                          std::uint32_t offset) const {
  return leb >= geometry_.lebs || offset >= geometry_.leb_size
             ? std::nullopt
             : std::optional(geometry_.leb_size * leb + offset);
}

Result<void> Index::Read() {
  const auto master = ReadMaster();
  if (!master) {
    return Fail(master.error());
  }
  const auto root = Place(master->root_leb, master->root_offset);
  if (!root) {
    return Fail(ErrorCode::kMalformed,
                "ubifs: the index' root lies outside of the image");
  }
  ReadTree({*root, master->root_length});
  Replay(*master);
  return {};
}

// The master node is written to LEB 1 and then to LEB 2, behind its older
// versions.
Result<MasterNode> Index::ReadMaster() {
  std::optional<Node> last[2];
  for (const std::uint32_t copy : {0U, 1U}) {
    const std::uint64_t at = geometry_.leb_size * (kMasterLeb + copy);
    (void)ForEachNode(bytes_, at, at + geometry_.leb_size,
                      [&](const Node& node) {
                        structure.insert(node.range.offset);
                        if (node.type() == NodeType::kMaster) {
                          last[copy] = node;
                        }
                        return true;
                      });
  }
  if (!last[0] && !last[1]) {
    return Fail(ErrorCode::kMalformed, "ubifs: there is no master node");
  }
  if (!last[0] || !last[1]) {
    Report("missing-master", {geometry_.leb_size, 2 * geometry_.leb_size},
           "one of the two master nodes is missing");
  } else {
    const auto body = [&](const Node& node) {
      constexpr std::uint64_t kCommon = sizeof(Header);
      return *Slice(bytes_, node.range.offset + kCommon,
                    node.range.length - kCommon);
    };
    if (!std::ranges::equal(body(*last[0]), body(*last[1]))) {
      Report("ambiguous-master", last[1]->range,
             "the two master nodes are not the same");
    }
  }
  const Node& chosen = *(last[0] ? last[0] : last[1]);
  const auto master = ReadAt<MasterNode>(bytes_, chosen.range.offset);
  if (!master || chosen.range.length < sizeof(MasterNode)) {
    return Fail(ErrorCode::kMalformed, "ubifs: the master node is too short");
  }
  return *master;
}

void Index::ReadTree(const Pointer& root) {
  std::vector<Pointer> open = {root};
  std::set<std::uint64_t> visited;
  while (!open.empty()) {
    const Pointer pointer = open.back();
    open.pop_back();
    if (!visited.insert(pointer.at).second) {
      Report("index-loop", {pointer.at, sizeof(Header)},
             fmt::format("the index leads twice to offset {}", pointer.at));
      continue;
    }
    const auto node = NodeAt(bytes_, pointer.at);
    if (!node || node->type() != NodeType::kIndex ||
        node->range.length < sizeof(IndexNode)) {
      Report("bad-index", {pointer.at, sizeof(Header)},
             fmt::format("no intact index node is at offset {}", pointer.at));
      continue;
    }
    ReadIndexNode(pointer, *node, open);
  }
}

void Index::ReadIndexNode(const Pointer& pointer, const Node& node,
                          std::vector<Pointer>& open) {
  const std::uint64_t at = node.range.offset;
  const auto index = *ReadAt<IndexNode>(bytes_, at);
  structure.insert(at);
  const std::uint64_t space = node.range.length - sizeof(IndexNode);
  // Of an authenticated image, a hash follows each key.
  const std::uint64_t size = index.children == 0U ? 0 : space / index.children;
  if (size < sizeof(Branch) || size * index.children != space ||
      (pointer.level && *pointer.level != index.level)) {
    Report("bad-index", node.range,
           fmt::format("the index node at offset {} contradicts itself", at));
    return;
  }
  for (std::uint64_t i = 0; i < index.children; ++i) {
    const auto branch =
        *ReadAt<Branch>(bytes_, at + sizeof(IndexNode) + i * size);
    const auto place = Place(branch.leb, branch.offset);
    if (!place) {
      Report("bad-index", node.range,
             fmt::format("a branch of the index node at offset {} leads out "
                         "of the image",
                         at));
    } else if (index.level == 0U) {
      AddLeaf(*place, branch);
    } else {
      open.push_back({*place, branch.length,
                      static_cast<std::uint16_t>(index.level - 1U)});
    }
  }
}

// A node that many branches lead to is checked once.
std::optional<Node> Index::Checked(std::uint64_t at) {
  const auto known = checked_.find(at);
  if (known != checked_.end()) {
    return known->second;
  }
  const auto node = NodeAt(bytes_, at);
  checked_.emplace(at, node);
  return node;
}

void Index::AddLeaf(std::uint64_t at, const Branch& branch) {
  const auto node = Checked(at);
  const auto key = ReadAt<RawKey>(bytes_, at + sizeof(Header));
  const KeyType type = TypeOfKey(branch.rest);
  if (!node || !key || node->range.length < sizeof(DataNode) ||
      branch.length != node->range.length || key->inode != branch.inode ||
      key->rest != branch.rest || node->header.type != static_cast<int>(type)) {
    Report("crc-mismatch", {at, sizeof(Header)},
           fmt::format("no intact node of inode {} is at offset {}",
                       std::uint32_t{branch.inode}, at));
    return;
  }
  if (type == KeyType::kInode && node->range.length >= sizeof(InodeNode)) {
    inodes[key->inode] = node->range;
  } else if (type == KeyType::kData) {
    data[key->inode][key->rest & 0x1fffffffU] = node->range;
  } else {
    AddEntry(*node);
  }
}

// Adds a name, or removes it when the entry leads nowhere.
void Index::AddEntry(const Node& node) {
  const auto entry = ReadAt<DirentNode>(bytes_, node.range.offset);
  const std::uint64_t space =
      node.range.length -
      std::min<std::uint64_t>(node.range.length, sizeof(DirentNode));
  if (!entry || entry->name_length > space) {
    Report(
        "bad-entry", node.range,
        fmt::format("the entry at offset {} is too short", node.range.offset));
    return;
  }
  const std::string name(AsText(*Slice(
      bytes_, node.range.offset + sizeof(DirentNode), entry->name_length)));
  auto& all = node.type() == NodeType::kXattrEntry ? xattrs : entries;
  if (entry->inode == 0U) {
    all[entry->key.inode].erase(name);
  } else {
    all[entry->key.inode][name] = {
        node.range, static_cast<std::uint32_t>(entry->inode), entry->type};
  }
}

// What was written since the last commit: the log names the places.
std::vector<Node> Index::ReadBuds(const MasterNode& master) {
  std::vector<Node> nodes;
  std::set<std::uint32_t> buds;  // each is written once, from one offset on
  std::optional<std::uint64_t> since;
  bool more = master.log_leb >= geometry_.log_first &&
              master.log_leb < geometry_.log_end;
  const std::uint32_t log_lebs = geometry_.log_end - geometry_.log_first;
  for (std::uint32_t i = 0; more && i < log_lebs; ++i) {
    const std::uint32_t leb =
        geometry_.log_first +
        (master.log_leb - geometry_.log_first + i) % log_lebs;
    const std::uint64_t at = geometry_.leb_size * leb;
    more = false;
    (void)ForEachNode(
        bytes_, at, at + geometry_.leb_size, [&](const Node& node) {
          if (!since && node.type() == NodeType::kCommitStart) {
            since = node.header.sequence;
          }
          if (!since || node.header.sequence < *since) {
            return false;
          }
          more = true;
          structure.insert(node.range.offset);
          const auto bud = ReadAt<ReferenceNode>(bytes_, node.range.offset);
          const auto place = node.type() == NodeType::kReference && bud
                                 ? Place(bud->leb, bud->offset)
                                 : std::nullopt;
          if (place && bud->leb >= geometry_.main_first &&
              buds.insert(bud->leb).second) {
            const std::uint64_t end = geometry_.leb_size * (bud->leb + 1ULL);
            (void)ForEachNode(bytes_, *place, end, [&](const Node& written) {
              nodes.push_back(written);
              return true;
            });
          }
          return true;
        });
  }
  return nodes;
}

void Index::Replay(const MasterNode& master) {
  std::vector<Node> nodes = ReadBuds(master);
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const Node& a, const Node& b) {
                     return a.header.sequence < b.header.sequence;
                   });
  for (const Node& node : nodes) {
    Apply(node);
  }
}

void Index::Apply(const Node& node) {
  const std::uint64_t at = node.range.offset;
  const auto key = ReadAt<RawKey>(bytes_, at + sizeof(Header));
  switch (node.type()) {
    case NodeType::kInode:
      if (const auto inode = ReadAt<InodeNode>(bytes_, at);
          inode && node.range.length >= sizeof(InodeNode)) {
        if (inode->nlink != 0U) {
          inodes[key->inode] = node.range;
        } else {
          inodes.erase(key->inode);
          data.erase(key->inode);
          entries.erase(key->inode);
          xattrs.erase(key->inode);
        }
      }
      break;
    case NodeType::kData:
      if (node.range.length >= sizeof(DataNode)) {
        data[key->inode][key->rest & 0x1fffffffU] = node.range;
      }
      break;
    case NodeType::kDirent:
    case NodeType::kXattrEntry:
      AddEntry(node);
      break;
    case NodeType::kTruncation:
      if (const auto truncation = ReadAt<TruncationNode>(bytes_, at);
          truncation && node.range.length >= sizeof(TruncationNode)) {
        Truncate(*truncation);
        structure.insert(at);
      }
      break;
    default:
      break;
  }
}

void Index::Truncate(const TruncationNode& truncation) {
  const auto file = data.find(truncation.inode);
  if (file == data.end()) {
    return;
  }
  const std::uint64_t first = truncation.new_size / kBlockSize +
                              (truncation.new_size % kBlockSize != 0 ? 1 : 0);
  if (first <= 0xffffffff) {
    file->second.erase(
        file->second.lower_bound(static_cast<std::uint32_t>(first)),
        file->second.end());
  }
}

}  // namespace assay::formats::ubifs
