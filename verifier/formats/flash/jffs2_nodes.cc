#include "verifier/formats/flash/jffs2_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "verifier/base/crc32.h"
#include "verifier/formats/archives/archive_input.h"
#include "verifier/formats/flash/jffs2_layout.h"

namespace assay::formats::jffs2 {
namespace {

// How far apart two nodes of one file system may be: erased flash (an erase
// block or a few), and what a write that broke off has left.
constexpr std::uint64_t kMostErased = 4ULL << 20U;
constexpr std::uint64_t kMostDebris = 16ULL << 10U;
// Where an erase block may begin.
constexpr std::uint64_t kSmallestBlock = 4096;

// Linux' crc32() without inversion, from 0.
std::uint32_t Crc(ByteView bytes) {
  return Crc32Raw(0, bytes);
}

// The `length` bytes after a fixed part of `fixed` bytes.
bool SetPayload(ByteView bytes, Node& node, std::uint64_t fixed,
                std::uint64_t length) {
  if (fixed > node.range.length || length > node.range.length - fixed ||
      !Slice(bytes, node.range.offset + fixed, length)) {
    return false;
  }
  node.payload = {node.range.offset + fixed, length};
  return true;
}

template <ByteOrder order>
class Reader {
 public:
  using L = Layout<order>;

  Reader(ByteView bytes, std::uint16_t magic) : bytes_(bytes), magic_(magic) {}

  // The node at `at`; nothing where no intact header is.
  std::optional<Node> Read(std::uint64_t at) const {
    const auto header = ReadAt<typename L::Header>(bytes_, at);
    if (!header || header->magic != magic_ || header->length < kHeaderSize) {
      return std::nullopt;
    }
    const auto type = static_cast<std::uint16_t>(header->type | kAccurate);
    if (!HoldsCrc(at, *header, type)) {
      return std::nullopt;
    }
    const std::uint64_t rest = bytes_.size() - at;
    Node node{.range = {at, std::min<std::uint64_t>(header->length, rest)},
              .obsolete = header->type != type,
              .intact = header->length <= rest};
    node.payload = {at + node.range.length, 0};
    if (!node.intact) {
      node.kind = KindOf(type);
      return node;
    }
    ReadFields(type, node);
    return node;
  }

 private:
  // The CRC is that of the header as it was before the node became obsolete.
  bool HoldsCrc(std::uint64_t at, const typename L::Header& header,
                std::uint16_t type) const {
    std::array<std::uint8_t, 8> raw = {};
    const auto stored = Slice(bytes_, at, raw.size());
    std::copy(stored->begin(), stored->end(), raw.begin());
    raw[order == ByteOrder::kBig ? 2 : 3] =
        static_cast<std::uint8_t>(type >> 8U);
    return Crc(raw) == header.crc;
  }

  static NodeKind KindOf(std::uint16_t type) {
    switch (type) {
      case kDirentType:
        return NodeKind::kDirent;
      case kInodeType:
        return NodeKind::kInode;
      case kCleanMarkerType:
        return NodeKind::kCleanMarker;
      case kPaddingType:
        return NodeKind::kPadding;
      case kSummaryType:
        return NodeKind::kSummary;
      case kXattrType:
        return NodeKind::kXattr;
      case kXrefType:
        return NodeKind::kXref;
      default:
        return NodeKind::kOther;
    }
  }

  void ReadFields(std::uint16_t type, Node& node) const {
    node.kind = KindOf(type);
    switch (node.kind) {
      case NodeKind::kDirent:
        node.intact = ReadDirent(node);
        break;
      case NodeKind::kInode:
        node.intact = ReadInode(node);
        break;
      case NodeKind::kSummary:
        node.intact = ReadSummary(node);
        break;
      case NodeKind::kXattr:
        node.intact = ReadXattr(node);
        break;
      case NodeKind::kXref:
        node.intact = ReadXref(node);
        break;
      default:
        (void)SetPayload(bytes_, node, kHeaderSize,
                         node.range.length - kHeaderSize);
    }
  }

  // A fixed part whose CRC covers its first `covered` bytes and may be wrong
  // only in the header's type (obsolete nodes).
  bool HoldsNodeCrc(const Node& node, std::uint64_t covered,
                    std::uint32_t stored) const {
    Bytes raw = CopyOf(*Slice(bytes_, node.range.offset, covered));
    if (node.obsolete) {
      raw[order == ByteOrder::kBig ? 2 : 3] |=
          static_cast<std::uint8_t>(kAccurate >> 8U);
    }
    return Crc(raw) == stored;
  }

  bool HoldsPayloadCrc(const Node& node, std::uint32_t stored) const {
    const auto data = Slice(bytes_, node.payload.offset, node.payload.length);
    return data && Crc(*data) == stored;
  }

  template <typename T>
  std::optional<T> Fixed(const Node& node) const {
    return node.range.length < sizeof(T) ? std::nullopt
                                         : ReadAt<T>(bytes_, node.range.offset);
  }

  bool ReadDirent(Node& node) const {
    const auto raw = Fixed<typename L::Dirent>(node);
    if (!raw || !SetPayload(bytes_, node, sizeof(*raw), raw->name_length)) {
      return false;
    }
    node.id = raw->parent;
    node.version = raw->version;
    node.target = raw->inode;
    node.type = raw->type;
    node.crc = raw->node_crc;
    return HoldsNodeCrc(node, sizeof(*raw) - 8, raw->node_crc) &&
           HoldsPayloadCrc(node, raw->name_crc);
  }

  bool ReadInode(Node& node) const {
    const auto raw = Fixed<typename L::Inode>(node);
    if (!raw || !SetPayload(bytes_, node, sizeof(*raw), raw->stored)) {
      return false;
    }
    node.id = raw->inode;
    node.version = raw->version;
    node.mode = raw->mode;
    node.uid = raw->uid;
    node.gid = raw->gid;
    node.size = raw->size;
    node.mtime = raw->mtime;
    node.offset = raw->offset;
    node.length = raw->length;
    node.compression = raw->compression;
    node.crc = raw->node_crc;
    return HoldsNodeCrc(node, sizeof(*raw) - 8, raw->node_crc) &&
           HoldsPayloadCrc(node, raw->data_crc);
  }

  bool ReadXattr(Node& node) const {
    const auto raw = Fixed<typename L::Xattr>(node);
    if (!raw || !SetPayload(bytes_, node, sizeof(*raw),
                            raw->name_length + 1ULL + raw->value_length)) {
      return false;
    }
    node.id = raw->id;
    node.version = raw->version;
    node.prefix = raw->prefix;
    node.name_length = raw->name_length;
    node.value_length = raw->value_length;
    node.crc = raw->node_crc;
    return HoldsNodeCrc(node, sizeof(*raw) - 4, raw->node_crc) &&
           HoldsPayloadCrc(node, raw->data_crc);
  }

  bool ReadXref(Node& node) const {
    const auto raw = Fixed<typename L::Xref>(node);
    if (!raw) {
      return false;
    }
    node.payload = {node.range.offset + sizeof(*raw), 0};
    node.id = raw->inode;
    node.version = raw->sequence;
    node.target = raw->xattr;
    node.crc = raw->node_crc;
    return HoldsNodeCrc(node, sizeof(*raw) - 4, raw->node_crc);
  }

  bool ReadSummary(Node& node) const {
    const auto raw = Fixed<typename L::Summary>(node);
    if (!raw || !SetPayload(bytes_, node, sizeof(*raw),
                            node.range.length - sizeof(*raw))) {
      return false;
    }
    node.entries = raw->entries;
    node.crc = raw->node_crc;
    return HoldsNodeCrc(node, sizeof(*raw) - 8, raw->node_crc) &&
           HoldsPayloadCrc(node, raw->sum_crc);
  }

  ByteView bytes_;
  std::uint16_t magic_;
};

// Finds where one file system ends and another begins: there, at the start of
// an erase block, a version appears a second time.
class Succession {
 public:
  bool BeginsAnother(const Node& node) {
    if (!node.intact ||
        (node.kind != NodeKind::kDirent && node.kind != NodeKind::kInode)) {
      return false;
    }
    auto& seen = seen_[node.kind == NodeKind::kDirent ? 0 : 1];
    const auto [at, is_new] =
        seen.emplace(std::pair(node.id, node.version), node.crc);
    return !is_new && at->second != node.crc && node.range.offset != 0 &&
           node.range.offset % kSmallestBlock == 0;
  }

 private:
  std::array<std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t>,
             2>
      seen_;
};

template <ByteOrder order>
std::optional<std::uint64_t> NextNode(ByteView bytes,
                                      const Reader<order>& reader,
                                      std::uint64_t from) {
  std::uint64_t erased = 0;
  std::uint64_t debris = 0;
  for (std::uint64_t at = from; erased <= kMostErased && debris <= kMostDebris;
       at += 4) {
    const auto word = Slice(bytes, at, 4);
    if (!word) {
      return std::nullopt;
    }
    if (AllAre(*word, 0xff)) {
      erased += 4;
    } else if (at > from && reader.Read(at)) {
      return at;
    } else {
      debris += 4;
    }
  }
  return std::nullopt;
}

template <ByteOrder order>
Log ReadNodes(ByteView bytes, std::uint16_t magic) {
  const Reader<order> reader(bytes, magic);
  Log log{.order = order};
  Succession succession;
  std::uint64_t at = 0;
  while (at < bytes.size()) {
    auto node = reader.Read(at);
    if (!node) {
      const auto next = NextNode(bytes, reader, at);
      if (!next) {
        break;
      }
      node = reader.Read(*next);
    }
    if (succession.BeginsAnother(*node)) {
      break;
    }
    if (node->range.offset > at) {
      log.gaps.push_back({at, node->range.offset - at});
    }
    const std::uint64_t stop = node->range.end();
    at = std::min<std::uint64_t>(stop + GapTo(4, stop), bytes.size());
    if (at > stop) {
      log.gaps.push_back({stop, at - stop});
    }
    log.nodes.push_back(*node);
    log.end = at;
  }
  return log;
}

// Calls `read` with the byte order and magic that `bytes` begin with.
template <typename Call>
bool WithOrder(ByteView bytes, const Call& call) {
  const auto big = ReadAt<Be16>(bytes, 0);
  const auto little = ReadAt<Le16>(bytes, 0);
  if (!big) {
    return false;
  }
  if (*big == kMagic || *big == kOldMagic) {
    return call.template operator()<ByteOrder::kBig>(*big);
  }
  if (*little == kMagic || *little == kOldMagic) {
    return call.template operator()<ByteOrder::kLittle>(*little);
  }
  return false;
}

}  // namespace

bool BeginsWithNode(ByteView head) {
  return WithOrder(head, [&]<ByteOrder order>(std::uint16_t magic) {
    const auto node = Reader<order>(head, magic).Read(0);
    // A node may be larger than the head; its header is then all there is.
    return node && node->kind != NodeKind::kOther &&
           (node->intact || node->range.length == head.size());
  });
}

Log ReadLog(ByteView bytes) {
  Log log;
  (void)WithOrder(bytes, [&]<ByteOrder order>(std::uint16_t magic) {
    log = ReadNodes<order>(bytes, magic);
    return true;
  });
  for (const Node& node : log.nodes) {
    if (!node.intact) {
      log.anomalies.push_back(
          {.id = "jffs2.crc-mismatch",
           .range = node.range,
           .detail = fmt::format("the node at offset {} is damaged",
                                 node.range.offset)});
    }
  }
  for (const Range& gap : log.gaps) {
    const auto between = Slice(bytes, gap.offset, gap.length);
    if (gap.length >= kHeaderSize && between && !AllAre(*between, 0xff) &&
        !AllAre(*between, 0)) {
      log.anomalies.push_back(
          {.id = "jffs2.bad-node",
           .range = gap,
           .detail = fmt::format("{} bytes at offset {} are no node",
                                 gap.length, gap.offset)});
    }
  }
  return log;
}

}  // namespace assay::formats::jffs2
