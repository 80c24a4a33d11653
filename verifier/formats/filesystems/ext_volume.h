// The lower half of reading ext2, ext3 and ext4: super block, groups, inodes,
// and where an inode's blocks lie. Layout: Linux fs/ext4/ext4.h and
// ext4_extents.h, Documentation/filesystems/ext4.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats::ext {

struct Super {
  Le32 inodes, blocks_low, reserved_blocks, free_blocks, free_inodes;
  Le32 first_block, log_block_size, log_cluster_size;
  Le32 group_blocks, group_clusters, group_inodes, mount_time, write_time;
  Le16 mounts, most_mounts, magic, state, errors, minor_revision;
  Le32 last_check, check_interval, creator, revision;
  Le16 default_uid, default_gid;
  Le32 first_inode;
  Le16 inode_size, group_number;
  Le32 compatible, incompatible, read_only;
  std::array<std::uint8_t, 16> uuid;
  std::array<std::uint8_t, 84> names;  // of the volume and its last mount
  Le16 preallocate, reserved_descriptors;
  std::array<std::uint8_t, 16> journal_uuid;
  Le32 journal_inode, journal_device, last_orphan;
  std::array<std::uint8_t, 18> hash;
  Le16 descriptor_size;
  Le32 mount_options, first_meta_group, make_time;
  std::array<std::uint8_t, 68> journal_backup;
  Le32 blocks_high;
  std::array<std::uint8_t, 16> unused1;
  Le32 raid_stride_mmp_interval;
  Le64 mmp_block;
  std::array<std::uint8_t, 208> unused2;
  Le32 user_quota, group_quota, overhead;
  std::array<Le32, 2> backup_groups;
  std::array<std::uint8_t, 20> encryption;
  Le32 lost_and_found, project_quota, checksum_seed;
  std::array<std::uint8_t, 12> unused3;
  Le32 orphan_file;
  std::array<std::uint8_t, 376> unused4;
  Le32 checksum;
};
static_assert(sizeof(Super) == 1024 && FileStruct<Super>);

inline constexpr std::uint64_t kSuperOffset = 1024;
inline constexpr std::uint32_t kRootInode = 2;

enum Compatible : std::uint32_t {
  kHasJournal = 0x4,
  kSparseSuper2 = 0x200,
  kOrphanFile = 0x1000,
};
enum Incompatible : std::uint32_t {
  kCompressionUsed = 0x1,
  kFileTypes = 0x2,
  kNeedsRecovery = 0x4,
  kJournalDevice = 0x8,
  kMetaGroups = 0x10,
  kExtentsUsed = 0x40,
  k64Bit = 0x80,
  kMmp = 0x100,
  kChecksumSeed = 0x2000,
  kKnownIncompatible = 0x3f7df,
};
enum ReadOnly : std::uint32_t {
  kSparseSuper = 0x1,
  kGroupChecksums = 0x10,
  kMetadataChecksums = 0x400,
  kSharedBlocks = 0x4000,
};
enum InodeFlag : std::uint32_t {
  kCompressed = 0x4,
  kEncrypted = 0x800,
  kIndexed = 0x1000,
  kHasExtents = 0x80000,
  kValueInode = 0x200000,  // holds an extended attribute
  kInlineData = 0x10000000,
};

struct Group {
  std::uint64_t block_bitmap = 0, inode_bitmap = 0, inode_table = 0;
  bool inodes_unused = false;  // bitmap and table were never written
  bool blocks_unused = false;  // likewise the bitmap of blocks
  std::uint32_t block_bitmap_checksum = 0, inode_bitmap_checksum = 0;
  bool intact = true;  // its checksum holds, or it has none
};

struct Inode {
  std::uint32_t number = 0;
  Range place = {};  // in the image
  ByteView raw;
  std::uint32_t mode = 0, links = 0, flags = 0, generation = 0;
  std::uint32_t deleted = 0;  // when
  std::uint64_t uid = 0, gid = 0, size = 0, xattr_block = 0;
  std::int64_t mtime = 0;
  bool intact = true;

  [[nodiscard]] bool Is(std::uint32_t flag) const {
    return (flags & flag) != 0;
  }
};

// Whether a super block that does not contradict itself lies at 1024.
[[nodiscard]] bool HasSuper(ByteView head);

[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

class Volume {
 public:
  // The file system that begins at `source`; what is stated to lie behind its
  // end is found missing when it is read.
  [[nodiscard]] static Result<Volume> Open(const ByteSource& source);

  [[nodiscard]] const Super& super() const { return super_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] std::uint64_t block_size() const { return block_size_; }
  [[nodiscard]] std::uint64_t inode_size() const { return inode_size_; }
  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }
  [[nodiscard]] std::uint64_t size() const { return blocks_ * block_size_; }
  [[nodiscard]] std::uint64_t groups() const { return groups_; }
  [[nodiscard]] bool has_checksums() const {
    return (super_.read_only & kMetadataChecksums) != 0;
  }
  // What every checksum of metadata_csum (CRC-32C, never inverted) goes on
  // from.
  [[nodiscard]] std::uint32_t seed() const { return seed_; }
  [[nodiscard]] std::uint32_t InodeSeed(const Inode& inode) const;

  // The super block and descriptors at the front of a group that has copies.
  [[nodiscard]] bool HasCopy(std::uint64_t group) const;
  [[nodiscard]] std::uint64_t GroupStart(std::uint64_t group) const;
  // How many blocks of descriptors follow each copy of the super block.
  [[nodiscard]] std::uint64_t DescriptorBlocks() const;
  [[nodiscard]] std::uint64_t DescriptorsPerBlock() const;
  // Where group `group`'s descriptor lies.
  [[nodiscard]] Range DescriptorRange(std::uint64_t group) const;

  [[nodiscard]] Result<Group> ReadGroup(std::uint64_t group) const;
  [[nodiscard]] Result<ByteView> Block(std::uint64_t number) const;
  [[nodiscard]] Range BlockRange(std::uint64_t number) const;
  [[nodiscard]] Result<Inode> ReadInode(std::uint64_t number) const;

 private:
  Volume() = default;

  ByteSource source_;
  Super super_ = {};
  std::uint64_t block_size_ = 0, inode_size_ = 0, blocks_ = 0, groups_ = 0;
  std::uint64_t descriptor_size_ = 0;
  std::uint32_t seed_ = 0;
};

// Told of every block of a map before it is followed; false: it belongs to
// something else already, and the map ends there with an error.
using Own = std::function<bool(std::uint64_t block)>;
// Told of a block of a map whose checksum does not hold.
using Complain = std::function<void(std::uint64_t block)>;

// Where the content lies: exactly `inode.size` bytes. With an error, what was
// mapped before it is there.
[[nodiscard]] Result<void> MapBlocks(const Volume& volume, const Inode& inode,
                                     const Own& own, const Complain& complain,
                                     std::vector<Extent>& extents);

}  // namespace assay::formats::ext
