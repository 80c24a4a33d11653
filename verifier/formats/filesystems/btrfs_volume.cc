#include "verifier/formats/filesystems/btrfs_volume.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "verifier/formats/filesystems/btrfs_checksum.h"

namespace assay::formats::btrfs {
namespace {

constexpr std::string_view kMagic = "_BHRfS_M";
constexpr std::uint8_t kMostLevels = 8;
constexpr std::uint64_t kMostBytes = 1ULL << 60U;
constexpr std::uint64_t kChecksumBytes = 32;
constexpr std::uint64_t kNowhere = ~0ULL;

struct StoredChunk {
  Le64 length, owner, stripe_length, type;
  Le32 io_align, io_width, sector_size;
  Le16 stripes, sub_stripes;
};
static_assert(sizeof(StoredChunk) == 48);
struct StoredStripe {
  Le64 device, offset;
  Uuid uuid;
};
enum ChunkType : std::uint64_t {
  kRaid0 = 0x8,
  kRaid10 = 0x40,
  kRaid5 = 0x80,
  kRaid6 = 0x100,
};
struct NodeHeader {
  std::array<std::uint8_t, 32> checksum;
  Uuid fsid;
  Le64 address, flags;
  Uuid chunk_tree;
  Le64 generation, owner;
  Le32 count;
  std::uint8_t level;
};
static_assert(sizeof(NodeHeader) == 101);
struct StoredItem {
  StoredKey key;
  Le32 offset, size;
};
static_assert(sizeof(StoredItem) == 25);
struct StoredPointer {
  StoredKey key;
  Le64 address, generation;
};
static_assert(sizeof(StoredPointer) == 33);

bool IsConsistent(const Super& super) {
  const std::uint32_t sector = super.sector_size;
  const std::uint32_t node = super.node_size;
  return std::string_view(super.magic.data(), super.magic.size()) == kMagic &&
         super.address == kSuperOffset && std::has_single_bit(sector) &&
         sector >= 4096 && sector <= 65536 && std::has_single_bit(node) &&
         node >= 4096 && node <= 65536 &&
         ChecksumSize(super.checksum_type) != 0 &&
         super.root_level < kMostLevels && super.chunk_level < kMostLevels &&
         super.log_level < kMostLevels && super.devices > 0 &&
         super.chunk_array_size <= 2048 && super.device_bytes > kSuperOffset &&
         super.device_bytes <= kMostBytes && super.root % sector == 0 &&
         super.chunk_root % sector == 0 && super.bytes_used <= kMostBytes;
}

}  // namespace

tl::unexpected<Error> Malformed(std::string_view what) {
  return Fail(ErrorCode::kMalformed, fmt::format("btrfs: {}", what));
}

bool HasSuper(ByteView head) {
  const auto super = ReadAt<Super>(head, kSuperOffset);
  return super && IsConsistent(*super);
}

Result<Volume> Volume::Open(const ByteSource& source, Listener listener,
                            std::uint64_t most) {
  const auto super = ReadAt<Super>(source.bytes(), kSuperOffset);
  if (!super || !IsConsistent(*super)) {
    return Fail(ErrorCode::kNotThisFormat, "btrfs: no plausible super block");
  }
  Volume volume;
  volume.source_ = source;
  volume.super_ = *super;
  volume.listener_ = std::move(listener);
  volume.left_ = most;
  if (auto ok = volume.AddChunks(); !ok) {
    return Fail(ok.error());
  }
  return volume;
}

// The chunks of the system are in the super block; they hold the tree that
// lists all of them.
Result<void> Volume::AddChunks() {
  ByteView array = ByteView(super_.chunk_array).first(super_.chunk_array_size);
  while (!array.empty()) {
    const auto key = ReadAt<StoredKey>(array, 0);
    const auto length =
        key ? AddChunk(key->offset, array.subspan(sizeof(StoredKey)))
            : std::nullopt;
    if (!length) {
      return Malformed("the chunks in the super block are damaged");
    }
    array =
        array.subspan(static_cast<std::size_t>(sizeof(StoredKey) + *length));
  }
  return ForEach({super_.chunk_root, super_.chunk_level}, {0, kChunkItem, 0},
                 {~0ULL, kChunkItem, ~0ULL}, [&](const Item& item) {
                   if (item.key.type == kChunkItem) {
                     AddChunk(item.key.offset, item.data);
                   }
                   return true;
                 });
}

std::optional<std::uint64_t> Volume::AddChunk(std::uint64_t address,
                                              ByteView bytes) {
  const auto stored = ReadAt<StoredChunk>(bytes, 0);
  const std::uint64_t count = stored ? std::uint64_t{stored->stripes} : 0;
  const std::uint64_t size = sizeof(StoredChunk) + count * sizeof(StoredStripe);
  if (!stored || count == 0 || size > bytes.size() ||
      stored->length > kMostBytes || address > ~0ULL - stored->length) {
    return std::nullopt;
  }
  Chunk chunk{.length = stored->length};
  const bool striped =
      (stored->type & (kRaid0 | kRaid10 | kRaid5 | kRaid6)) != 0 && count > 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto stripe = *ReadAt<StoredStripe>(
        bytes, sizeof(StoredChunk) + i * sizeof(StoredStripe));
    if (!striped && stripe.device == super_.device &&
        stripe.offset <= kMostBytes) {
      chunk.copies.push_back(stripe.offset);
    }
  }
  chunks_.emplace(address, std::move(chunk));
  return size;
}

std::vector<Range> Volume::Places(std::uint64_t address,
                                  std::uint64_t length) const {
  const auto after = chunks_.upper_bound(address);
  if (after == chunks_.begin()) {
    return {};
  }
  const auto& [start, chunk] = *std::prev(after);
  const std::uint64_t from = address - start;
  if (from > chunk.length || length > chunk.length - from) {
    return {};
  }
  std::vector<Range> places;
  for (const std::uint64_t copy : chunk.copies) {
    places.push_back({copy + from, length});
  }
  return places;
}

// The first copy that is good; the first that is there when none is.
Result<Volume::Node> Volume::CheckNode(std::uint64_t address,
                                       std::uint8_t level) {
  std::optional<Node> best;
  bool good = false;
  for (const Range& place : Places(address, super_.node_size)) {
    const auto bytes = Slice(source_.bytes(), place.offset, place.length);
    if (!bytes) {
      continue;
    }
    listener_.owned(place);
    const auto header = *ReadAt<NodeHeader>(*bytes, 0);
    const Node node{.bytes = *bytes,
                    .offset = place.offset,
                    .count = header.count,
                    .level = header.level};
    const bool plausible =
        header.address == address && header.level == level && IsOrdered(node);
    const bool intact =
        HasChecksum(super_.checksum_type,
                    bytes->subspan(static_cast<std::size_t>(kChecksumBytes)),
                    *bytes)
            .value_or(true);
    if (!intact || !plausible) {
      Report("checksum-mismatch", place,
             fmt::format("the tree node {}", address));
    }
    if (plausible && (!best || (!good && intact))) {
      best = node;
      good = intact;
    }
  }
  if (!best) {
    return Malformed(
        fmt::format("the tree node {} of level {} is not there or damaged",
                    address, level));
  }
  return *best;
}

Result<Volume::Node> Volume::ReadNode(std::uint64_t address,
                                      std::uint8_t level) {
  const auto known = nodes_.find(address);
  if (known == nodes_.end()) {
    auto node = CheckNode(address, level);
    nodes_.emplace(address, node ? node->offset : kNowhere);
    return node;
  }
  if (known->second == kNowhere) {
    return Malformed(fmt::format("the tree node {} is damaged", address));
  }
  const auto bytes = *Slice(source_.bytes(), known->second, super_.node_size);
  const auto header = *ReadAt<NodeHeader>(bytes, 0);
  if (header.level != level) {
    return Malformed(
        fmt::format("the tree node {} is not of level {}", address, level));
  }
  return Node{.bytes = bytes,
              .offset = known->second,
              .count = header.count,
              .level = level};
}

// Keys ascend and items lie inside, so that later reads need no more checks.
bool Volume::IsOrdered(const Node& node) const {
  const std::uint64_t each =
      node.level == 0 ? sizeof(StoredItem) : sizeof(StoredPointer);
  const std::uint64_t room = node.bytes.size() - sizeof(NodeHeader);
  if (node.count > room / each || node.level >= kMostLevels ||
      (node.level > 0 && node.count == 0)) {
    return false;
  }
  for (std::uint64_t i = 0; i < node.count; ++i) {
    if (i > 0 && KeyAt(node, i) <= KeyAt(node, i - 1)) {
      return false;
    }
    if (node.level == 0) {
      const auto item =
          *ReadAt<StoredItem>(node.bytes, sizeof(NodeHeader) + i * each);
      if (item.offset > room || item.size > room - item.offset) {
        return false;
      }
    }
  }
  return true;
}

Key Volume::KeyAt(const Node& node, std::uint64_t index) const {
  const std::uint64_t each =
      node.level == 0 ? sizeof(StoredItem) : sizeof(StoredPointer);
  return Key(*ReadAt<StoredKey>(node.bytes, sizeof(NodeHeader) + index * each));
}

std::uint64_t Volume::ChildAt(const Node& node, std::uint64_t index) const {
  return ReadAt<StoredPointer>(
             node.bytes, sizeof(NodeHeader) + index * sizeof(StoredPointer))
      ->address;
}

std::uint64_t Volume::LowerBound(const Node& node, const Key& key) const {
  std::uint64_t low = 0;
  std::uint64_t high = node.count;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (KeyAt(node, middle) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Result<void> Volume::ForEach(const Root& root, const Key& from, const Key& to,
                             const std::function<bool(const Item&)>& visit) {
  struct Open {
    Node node;
    std::uint64_t next = 0;
  };
  std::vector<Open> path;
  const auto enter = [&](std::uint64_t address,
                         std::uint8_t level) -> Result<void> {
    const auto node = ReadNode(address, level);
    if (!node) {
      return Fail(node.error());
    }
    // A child holds what its key and the next one enclose: no node twice.
    if (!path.empty() &&
        (node->count == 0 ||
         KeyAt(*node, 0) != KeyAt(path.back().node, path.back().next - 1))) {
      return Malformed(
          fmt::format("the tree node {} does not begin with its key", address));
    }
    std::uint64_t first = LowerBound(*node, from);
    const bool before = node->level > 0 && first > 0 &&
                        (first == node->count || KeyAt(*node, first) != from);
    path.push_back({*node, before ? first - 1 : first});
    return {};
  };
  if (auto ok = enter(root.address, root.level); !ok) {
    return ok;
  }
  while (!path.empty()) {
    Open& open = path.back();
    if (open.next == open.node.count || KeyAt(open.node, open.next) > to) {
      path.pop_back();
      continue;
    }
    if (left_ == 0) {
      return Fail(ErrorCode::kLimit, "btrfs: too many items");
    }
    --left_;
    const std::uint64_t index = open.next++;
    if (open.node.level > 0) {
      if (auto ok = enter(ChildAt(open.node, index),
                          static_cast<std::uint8_t>(open.node.level - 1));
          !ok) {
        return ok;
      }
      continue;
    }
    const auto stored = *ReadAt<StoredItem>(
        open.node.bytes, sizeof(NodeHeader) + index * sizeof(StoredItem));
    const std::uint64_t at = sizeof(NodeHeader) + stored.offset;
    const Item item{.key = Key(stored.key),
                    .data = *Slice(open.node.bytes, at, stored.size),
                    .offset = open.node.offset + at};
    if (!visit(item)) {
      return {};
    }
  }
  return {};
}

Result<void> Volume::Touch(const Root& root) {
  std::vector<Root> open = {root};
  std::optional<Error> damage;
  while (!open.empty()) {
    const Root next = open.back();
    open.pop_back();
    // What was met as part of another tree is known to the last leaf.
    if (!touched_.insert(next.address).second) {
      continue;
    }
    const auto node = ReadNode(next.address, next.level);
    if (!node) {
      damage = damage.value_or(node.error());
      continue;
    }
    for (std::uint64_t i = 0; node->level > 0 && i < node->count; ++i) {
      open.push_back(
          {ChildAt(*node, i), static_cast<std::uint8_t>(node->level - 1)});
    }
  }
  return damage ? Result<void>(Fail(*damage)) : Result<void>();
}

}  // namespace assay::formats::btrfs
