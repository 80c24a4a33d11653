// The lower half of reading F2FS: super block, checkpoints, the table of
// nodes, and where an inode's blocks lie. Layout: Linux include/linux/
// f2fs_fs.h.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats::f2fs {

inline constexpr std::uint64_t kBlock = 4096;
inline constexpr std::uint64_t kSuperOffset = 1024;

struct Super {
  Le32 magic;
  Le16 major, minor;
  Le32 log_sector, log_sectors_per_block, log_block, log_segment;
  Le32 segments_per_section, sections_per_zone, checksum_offset;
  Le64 blocks;
  Le32 sections, segments, checkpoint_segments, sit_segments, nat_segments;
  Le32 summary_segments, main_segments;
  Le32 segment0, checkpoint, sit, nat, summary, main;
  Le32 root, node_inode, meta_inode;
  std::array<std::uint8_t, 16> uuid;
  std::array<std::uint8_t, 1024> label;
  Le32 extensions;
  std::array<std::uint8_t, 512> extension_list;
  Le32 checkpoint_payload;
  std::array<std::uint8_t, 512> versions;
  Le32 features;
  std::array<std::uint8_t, 17> encryption;
  std::array<std::uint8_t, 544> devices;
  std::array<Le32, 3> quotas;
  std::array<std::uint8_t, 311> unused;
  Le32 checksum;
};
static_assert(sizeof(Super) == 3072 && FileStruct<Super>);

struct Checkpoint {
  Le64 version, user_blocks, valid_blocks;
  Le32 reserved_segments, spare_segments, free_segments;
  std::array<std::uint8_t, 96> current;
  Le32 flags, blocks, summary_start, nodes, inodes, next_node;
  Le32 sit_bitmap_size, nat_bitmap_size, checksum_offset;
  Le64 elapsed;
  std::array<std::uint8_t, 16> allocation;
};
static_assert(sizeof(Checkpoint) == 192 && FileStruct<Checkpoint>);

enum Feature : std::uint32_t {
  kInodeChecksum = 0x20,
  kFlexibleXattrs = 0x40,
  kSuperChecksum = 0x800,
};
enum CheckpointFlag : std::uint32_t {
  kUnmounted = 0x1,
  kCompactSummary = 0x4,
  kNatBits = 0x80,
  kLargeNatBitmap = 0x400,
};
enum InlineFlag : std::uint8_t {
  kInlineXattr = 0x1,
  kInlineData = 0x2,
  kInlineEntries = 0x4,
  kExtraAttributes = 0x20,
};
inline constexpr std::uint32_t kHole = 0;
inline constexpr std::uint32_t kReserved = ~0U;        // not written yet
inline constexpr std::uint32_t kCompressed = ~0U - 1;  // begins a cluster

struct Inode {
  std::uint32_t number = 0;
  Range place = {};  // in the image
  ByteView raw;      // the whole node
  std::uint32_t mode = 0, links = 0, uid = 0, gid = 0, flags = 0;
  std::uint8_t advice = 0, inlined = 0;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
  std::uint32_t xattr_node = 0;
  std::uint64_t extra = 0;         // bytes of further attributes
  std::uint64_t inline_xattr = 0;  // bytes of extended attributes
  std::uint8_t compression = 0, log_cluster = 0;
  std::uint16_t compression_flags = 0;
  bool intact = true;

  [[nodiscard]] bool IsCompressed() const { return (flags & 0x4U) != 0; }
  [[nodiscard]] bool IsEncrypted() const { return (advice & 0x4U) != 0; }
  // Where inline content may lie in `raw`.
  [[nodiscard]] Range InlineRange() const;
};

[[nodiscard]] bool HasSuper(ByteView head);
[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);
// The checksum of F2FS: CRC-32 that goes on from the magic and is not inverted.
[[nodiscard]] std::uint32_t ChecksumOf(ByteView bytes);

class Volume {
 public:
  struct Pack {
    std::uint64_t start = 0;  // block
    Checkpoint checkpoint = {};
  };

  [[nodiscard]] static Result<Volume> Open(const ByteSource& source);

  [[nodiscard]] const Super& super() const { return super_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] std::uint64_t size() const { return super_.blocks * kBlock; }
  [[nodiscard]] const Checkpoint& checkpoint() const {
    return packs_.front().checkpoint;
  }
  // The checkpoints that are whole, the current one first.
  [[nodiscard]] const std::vector<Pack>& packs() const { return packs_; }
  [[nodiscard]] std::uint64_t SegmentBlocks() const {
    return 1ULL << super_.log_segment;
  }

  [[nodiscard]] Result<ByteView> Block(std::uint64_t number) const;
  // Blocks of the two tables that are in use.
  [[nodiscard]] std::uint64_t NatBlock(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t SitBlock(std::uint64_t index) const;
  [[nodiscard]] std::uint64_t NatBlocks() const;
  [[nodiscard]] std::uint64_t SitBlocks() const;
  // Where a node lies, and the inode it belongs to; nothing: it is free.
  struct NodeEntry {
    std::uint32_t inode = 0;
    std::uint32_t block = 0;
  };
  [[nodiscard]] std::optional<NodeEntry> FindNode(std::uint32_t number) const;
  // A node's block, which says that it is this node.
  [[nodiscard]] Result<ByteView> ReadNode(std::uint32_t number,
                                          std::uint32_t inode) const;
  [[nodiscard]] Result<Inode> ReadInode(std::uint32_t number) const;

 private:
  Volume() = default;
  void KeepPack(std::uint64_t start);
  void ReadJournal();
  [[nodiscard]] bool IsSecondCopy(std::uint64_t bitmap, std::uint64_t size,
                                  std::uint64_t index) const;

  ByteSource source_;
  Super super_ = {};
  std::vector<Pack> packs_;
  std::map<std::uint32_t, NodeEntry> journal_;  // newer than the table
};

// Told of each node of an inode before it is followed (false: it belongs to
// something else).
using OwnNode = std::function<bool(std::uint32_t node, std::uint64_t block)>;

// Blocks of content that follow each other: in the image too, or not at all
// (then `address` is kHole, kReserved or kCompressed).
struct Run {
  std::uint64_t at = 0;  // in the content
  std::uint32_t address = kHole;
  std::uint64_t count = 0;

  [[nodiscard]] bool IsData() const {
    return address != kHole && address < kCompressed;
  }
};

// All runs of an inode's content, without a gap.
[[nodiscard]] Result<std::vector<Run>> MapBlocks(const Volume& volume,
                                                 const Inode& inode,
                                                 const OwnNode& own);
// The address of block `at` of the content.
[[nodiscard]] std::uint32_t AddressAt(const std::vector<Run>& runs,
                                      std::uint64_t at);

}  // namespace assay::formats::f2fs
