// The lower half of reading XFS (version 4 and 5): super block, addresses,
// inodes, and where a fork's blocks lie. Layout: Linux fs/xfs/libxfs/
// xfs_format.h; "XFS Algorithms & Data Structures", part III.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats::xfs {

struct Super {
  Be32 magic, block_size;
  Be64 blocks, realtime_blocks, realtime_extents;
  std::array<std::uint8_t, 16> uuid;
  Be64 log_start, root, realtime_bitmap, realtime_summary;
  Be32 realtime_extent, group_blocks, groups, bitmap_blocks, log_blocks;
  Be16 version, sector_size, inode_size, inodes_per_block;
  std::array<char, 12> label;
  std::uint8_t log_block, log_sector, log_inode, log_inodes_per_block;
  std::uint8_t log_group_blocks, log_realtime, in_progress, most_inodes;
  Be64 inodes, free_inodes, free_blocks, free_extents;
  Be64 user_quota, group_quota;
  Be16 quota_flags;
  std::uint8_t flags, shared_version;
  Be32 inode_alignment, stripe_unit, stripe_width;
  std::uint8_t log_directory, log_log_sector;
  Be16 log_sector_size;
  Be32 log_stripe_unit, features2, bad_features2;
  Be32 compatible, read_only, incompatible, log_incompatible;
  Le32 checksum;
  Be32 sparse_alignment;
  Be64 project_quota, lsn;
  std::array<std::uint8_t, 16> meta_uuid;
};
static_assert(sizeof(Super) == 264 && FileStruct<Super>);

enum Incompatible : std::uint32_t {
  kFileTypes = 0x1,
  kNeedsRepair = 0x10,
  kKnownIncompatible = 0x3f,
};
enum ReadOnly : std::uint32_t {
  kFreeInodes = 0x1,
  kReverseMap = 0x2,
  kReflink = 0x4,
};
enum ForkFormat : std::uint8_t { kDevice, kLocal, kExtents, kTree };

struct Fork {
  std::uint8_t format = kExtents;
  std::uint64_t extents = 0;
  Range place = {};  // in the image
  ByteView bytes;
};

struct Inode {
  std::uint64_t number = 0;
  Range place = {};  // in the image
  ByteView raw;
  std::uint32_t mode = 0, links = 0, uid = 0, gid = 0;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
  bool realtime = false;
  bool intact = true;
  Fork data = {};
  std::optional<Fork> attributes = {};
};

// One piece of a fork; counted in blocks but for `offset`.
struct Piece {
  std::uint64_t at = 0;      // in the fork
  std::uint64_t offset = 0;  // in the image, in bytes
  std::uint64_t count = 0;
  bool unwritten = false;
};

// Whether `head` begins with a super block that does not contradict itself.
[[nodiscard]] bool HasSuper(ByteView head);

[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

// Whether the CRC-32C of `bytes` is stored at `at`, which counts as zero.
[[nodiscard]] bool HasChecksum(ByteView bytes, std::uint64_t at);

class Volume {
 public:
  [[nodiscard]] static Result<Volume> Open(const ByteSource& source);

  [[nodiscard]] const Super& super() const { return super_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] std::uint64_t block_size() const { return super_.block_size; }
  [[nodiscard]] std::uint64_t size() const {
    return super_.blocks * block_size();
  }
  [[nodiscard]] bool has_checksums() const { return version5_; }
  [[nodiscard]] bool has_file_types() const;

  // Where a block lies, by its number in an allocation group, or by one that
  // holds the group in its upper bits. Nothing: it lies nowhere.
  [[nodiscard]] std::optional<std::uint64_t> OffsetOf(
      std::uint64_t group, std::uint64_t block) const;
  [[nodiscard]] std::optional<std::uint64_t> OffsetOf(
      std::uint64_t block) const;
  // `count` blocks at that offset, which lie in one group.
  [[nodiscard]] Result<ByteView> BlocksAt(std::uint64_t offset,
                                          std::uint64_t count) const;
  [[nodiscard]] Result<Inode> ReadInode(std::uint64_t number) const;
  [[nodiscard]] std::optional<std::uint64_t> InodeOffset(
      std::uint64_t number) const;

 private:
  Volume() = default;

  ByteSource source_;
  Super super_ = {};
  bool version5_ = false;
};

// Told of each block of a fork's tree before it is followed (false: it belongs
// to something else), and whether its checksum holds.
using Own = std::function<bool(std::uint64_t offset, bool intact)>;

// The pieces of a fork, in its order.
[[nodiscard]] Result<std::vector<Piece>> MapFork(const Volume& volume,
                                                 const Inode& inode,
                                                 const Fork& fork,
                                                 const Own& own);

}  // namespace assay::formats::xfs
