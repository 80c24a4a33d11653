// JFFS2 nodes as they lie in an image, in either byte order.
// Layout: Linux include/uapi/linux/jffs2.h, fs/jffs2/summary.h.
#pragma once

#include <cstdint>

#include "verifier/base/bytes.h"

namespace assay::formats::jffs2 {

template <ByteOrder order>
struct Layout {
  using U8 = std::uint8_t;
  using U16 = Stored<std::uint16_t, order>;
  using U32 = Stored<std::uint32_t, order>;

  struct Header {
    U16 magic, type;
    U32 length, crc;
  };
  struct Dirent {
    Header header;
    U32 parent, version, inode, mctime;
    U8 name_length, type;
    U16 unused;
    U32 node_crc, name_crc;
  };
  struct Inode {
    Header header;
    U32 inode, version, mode;
    U16 uid, gid;
    U32 size, atime, mtime, ctime, offset, stored, length;
    U8 compression, wanted_compression;
    U16 flags;
    U32 data_crc, node_crc;
  };
  struct Xattr {
    Header header;
    U32 id, version;
    U8 prefix, name_length;
    U16 value_length;
    U32 data_crc, node_crc;
  };
  struct Xref {
    Header header;
    U32 inode, xattr, sequence, node_crc;
  };
  struct Summary {
    Header header;
    U32 entries, clean_marker, padded, sum_crc, node_crc;
  };
  struct SummaryMarker {  // the last 8 bytes of an erase block
    U32 offset, magic;
  };
  struct SummaryInode {
    U16 type;
    U32 inode, version, offset, length;
  };
  struct SummaryDirent {
    U16 type;
    U32 length, offset, parent, version, inode;
    U8 name_length, file_type;
  };
  struct SummaryXattr {
    U16 type;
    U32 id, version, offset, length;
  };
  struct SummaryXref {
    U16 type;
    U32 offset;
  };
  static_assert(sizeof(Dirent) == 40 && sizeof(Inode) == 68);
  static_assert(sizeof(Xattr) == 32 && sizeof(Xref) == 28);
  static_assert(sizeof(Summary) == 32 && sizeof(SummaryDirent) == 24);
  static_assert(FileStruct<Inode> && FileStruct<SummaryDirent>);
};

inline constexpr std::uint16_t kMagic = 0x1985;
inline constexpr std::uint16_t kOldMagic = 0x1984;
inline constexpr std::uint16_t kAccurate = 0x2000;  // cleared when obsolete
inline constexpr std::uint16_t kDirentType = 0xe001;
inline constexpr std::uint16_t kInodeType = 0xe002;
inline constexpr std::uint16_t kCleanMarkerType = 0x2003;
inline constexpr std::uint16_t kPaddingType = 0x2004;
inline constexpr std::uint16_t kSummaryType = 0x2006;
inline constexpr std::uint16_t kXattrType = 0xe008;
inline constexpr std::uint16_t kXrefType = 0xe009;
inline constexpr std::uint32_t kSummaryMagic = 0x02851885;

}  // namespace assay::formats::jffs2
