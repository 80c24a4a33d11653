// UBIFS nodes as they lie in an image.
// Layout: Linux fs/ubifs/ubifs-media.h.
#pragma once

#include <array>
#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay::formats::ubifs {

inline constexpr std::uint32_t kNodeMagic = 0x06101831;
inline constexpr std::uint32_t kBlockSize = 4096;  // of a file's data nodes
inline constexpr std::uint32_t kSuperLength = 4096;

enum class NodeType : std::uint8_t {
  kInode,
  kData,
  kDirent,
  kXattrEntry,
  kTruncation,
  kPadding,
  kSuper,
  kMaster,
  kReference,
  kIndex,
  kCommitStart,
  kOrphan,
};

struct Header {
  Le32 magic, crc;
  Le64 sequence;
  Le32 length;
  std::uint8_t type = 0, group = 0;
  std::array<std::uint8_t, 2> padding = {};
};

// The simple key format: an inode number, and 3 bits of type above a hash of
// a name or the number of a block.
struct RawKey {
  Le32 inode, rest;
  std::array<std::uint8_t, 8> unused = {};
};

struct InodeNode {
  Header header;
  RawKey key;
  Le64 created, size, atime, ctime, mtime;
  Le32 atime_ns, ctime_ns, mtime_ns, nlink, uid, gid, mode, flags, data_length;
  Le32 xattrs, xattr_size, unused, xattr_names;
  Le16 compression;
  std::array<std::uint8_t, 26> padding = {};
};
static_assert(sizeof(InodeNode) == 160 && FileStruct<InodeNode>);

struct DirentNode {
  Header header;
  RawKey key;
  Le64 inode;
  std::uint8_t unused = 0, type = 0;
  Le16 name_length;
  Le32 cookie;
};
static_assert(sizeof(DirentNode) == 56);

struct DataNode {
  Header header;
  RawKey key;
  Le32 size;
  Le16 compression, unused;
};
static_assert(sizeof(DataNode) == 48);

struct TruncationNode {
  Header header;
  Le32 inode;
  std::array<std::uint8_t, 12> padding = {};
  Le64 old_size, new_size;
};
static_assert(sizeof(TruncationNode) == 56);

struct PaddingNode {
  Header header;
  Le32 length;
};

struct SuperNode {
  Header header;
  Le16 padding;
  std::uint8_t key_hash = 0, key_format = 0;
  Le32 flags, min_io_size, leb_size, lebs, most_lebs;
  Le64 most_bud_bytes;
  Le32 log_lebs, lpt_lebs, orphan_lebs, heads, fanout, lsave, version;
  Le16 compression, padding1;
  Le32 reserved_uid, reserved_gid;
  Le64 reserved_size;
  Le32 time_granularity;
  std::array<std::uint8_t, 16> uuid = {};
  Le32 read_only_version;
};

struct MasterNode {
  Header header;
  Le64 highest_inode, commit;
  Le32 flags, log_leb, root_leb, root_offset, root_length;
};

struct ReferenceNode {
  Header header;
  Le32 leb, offset, head;
};

struct IndexNode {
  Header header;
  Le16 children, level;
};
static_assert(sizeof(IndexNode) == 28);

struct Branch {
  Le32 leb, offset, length;
  Le32 inode, rest;  // the key; a hash may follow
};
static_assert(sizeof(Branch) == 20);

struct CommitStartNode {
  Header header;
  Le64 commit;
};

inline constexpr std::uint32_t kXattrFlag = 0x20;      // InodeNode::flags
inline constexpr std::uint32_t kEncryptedFlag = 0x40;  // InodeNode::flags

}  // namespace assay::formats::ubifs
