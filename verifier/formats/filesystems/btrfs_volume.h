// The lower half of reading Btrfs: super block, the map from logical to
// physical addresses, and B-trees. Layout: Linux include/uapi/linux/
// btrfs_tree.h.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats::btrfs {

using Uuid = std::array<std::uint8_t, 16>;

struct StoredKey {
  Le64 object;
  std::uint8_t type;
  Le64 offset;
};
static_assert(sizeof(StoredKey) == 17 && FileStruct<StoredKey>);

struct Key {
  std::uint64_t object = 0;
  std::uint8_t type = 0;
  std::uint64_t offset = 0;

  Key() = default;
  Key(std::uint64_t o, std::uint8_t t, std::uint64_t at)
      : object(o), type(t), offset(at) {}
  explicit Key(const StoredKey& key)
      : object(key.object), type(key.type), offset(key.offset) {}
  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Super {
  std::array<std::uint8_t, 32> checksum;
  Uuid fsid;
  Le64 address, flags;
  std::array<char, 8> magic;
  Le64 generation, root, chunk_root, log_root, log_transaction;
  Le64 total_bytes, bytes_used, root_directory, devices;
  Le32 sector_size, node_size, leaf_size, stripe_size, chunk_array_size;
  Le64 chunk_generation, compatible, read_only, incompatible;
  Le16 checksum_type;
  std::uint8_t root_level, chunk_level, log_level;
  Le64 device, device_bytes;  // the rest of this device's item follows
  std::array<std::uint8_t, 82> device_rest;
  std::array<char, 256> label;
  Le64 cache_generation, uuid_generation;
  Uuid metadata_uuid;
  std::array<std::uint8_t, 224> unused;
  std::array<std::uint8_t, 2048> chunk_array;
  std::array<std::uint8_t, 1237> backups;
};
static_assert(sizeof(Super) == 4096 && FileStruct<Super>);
inline constexpr std::uint64_t kSuperOffset = 64U << 10U;

enum TreeId : std::uint64_t {
  kRootTree = 1,
  kChunkTree = 3,
  kFileTree = 5,
  kChecksumTree = 7,
  kFirstSubvolume = 256,
};
enum ItemType : std::uint8_t {
  kInodeItem = 1,
  kXattrItem = 24,
  kDirItem = 84,
  kDirIndex = 96,
  kExtentData = 108,
  kExtentChecksum = 128,
  kRootItem = 132,
  kRootRef = 156,
  kChunkItem = 228,
};

// A tree's root node.
struct Root {
  std::uint64_t address = 0;
  std::uint8_t level = 0;
};

struct Item {
  Key key = {};
  ByteView data;
  std::uint64_t offset = 0;  // of `data` in the image
};

// What is told while reading.
struct Listener {
  // A range of metadata, at most once.
  std::function<void(Range)> owned = [](Range /*range*/) {};
  std::function<void(std::string_view what, Range, std::string detail)> report =
      [](std::string_view, Range, std::string) {};
};

[[nodiscard]] bool HasSuper(ByteView head);
[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

class Volume {
 public:
  // The file system on this device, if the others are not needed for its
  // trees. `most` items are looked at.
  [[nodiscard]] static Result<Volume> Open(const ByteSource& source,
                                           Listener listener,
                                           std::uint64_t most);

  [[nodiscard]] const Super& super() const { return super_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] std::uint64_t size() const { return super_.device_bytes; }
  void Report(std::string_view what, Range range, std::string detail) const {
    listener_.report(what, range, std::move(detail));
  }

  // Every copy on this device of that much from a logical address on; empty
  // when it lies elsewhere or does not lie in one chunk.
  [[nodiscard]] std::vector<Range> Places(std::uint64_t address,
                                          std::uint64_t length) const;

  // Calls `visit` for all items from `from` to `to`, in order, until it
  // returns false.
  [[nodiscard]] Result<void> ForEach(
      const Root& root, const Key& from, const Key& to,
      const std::function<bool(const Item&)>& visit);
  // Looks at every node of a tree.
  [[nodiscard]] Result<void> Touch(const Root& root);

 private:
  struct Chunk {
    std::uint64_t length = 0;
    std::vector<std::uint64_t> copies = {};  // where they begin on this device
  };
  struct Node {
    ByteView bytes;
    std::uint64_t offset = 0;
    std::uint32_t count = 0;
    std::uint8_t level = 0;
  };

  Volume() = default;
  [[nodiscard]] Result<void> AddChunks();
  // Keeps a chunk; how many bytes of `bytes` it takes up, or nothing.
  std::optional<std::uint64_t> AddChunk(std::uint64_t address, ByteView bytes);
  [[nodiscard]] Result<Node> ReadNode(std::uint64_t address,
                                      std::uint8_t level);
  [[nodiscard]] Result<Node> CheckNode(std::uint64_t address,
                                       std::uint8_t level);
  [[nodiscard]] bool IsOrdered(const Node& node) const;
  [[nodiscard]] Key KeyAt(const Node& node, std::uint64_t index) const;
  [[nodiscard]] std::uint64_t ChildAt(const Node& node,
                                      std::uint64_t index) const;
  [[nodiscard]] std::uint64_t LowerBound(const Node& node,
                                         const Key& key) const;

  ByteSource source_;
  Super super_ = {};
  Listener listener_;
  std::map<std::uint64_t, Chunk> chunks_;
  // Logical address to where the copy lies that was found good.
  std::map<std::uint64_t, std::uint64_t> nodes_;
  std::set<std::uint64_t> touched_;
  std::uint64_t left_ = 0;  // items that may still be looked at
};

}  // namespace assay::formats::btrfs
