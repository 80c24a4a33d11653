// The nodes of a JFFS2 file system, which is a log: every change to a file or
// a directory is a node of its own, in any place.
// Layout: Linux include/uapi/linux/jffs2.h, fs/jffs2/summary.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/formats/format.h"

namespace assay::formats::jffs2 {

inline constexpr std::uint64_t kHeaderSize = 12;

enum class NodeKind : std::uint8_t {
  kDirent,
  kInode,
  kCleanMarker,
  kPadding,
  kSummary,
  kXattr,
  kXref,  // which inode has which attribute
  kOther,
};

struct Node {
  Range range = {};    // as its header states; cut at the end of the input
  Range payload = {};  // name, data, attribute or list, in `range`
  NodeKind kind = NodeKind::kOther;
  bool obsolete = false;  // marked in place, as NOR flash allows
  bool intact = true;     // it is whole and its checksums hold
  // Of an inode; of a dirent, the directory's; of an attribute, its own (xid).
  std::uint32_t id = 0;
  std::uint32_t version = 0;
  std::uint32_t target = 0;  // a dirent's inode (0: deleted), an xref's xid
  std::uint32_t crc = 0;     // of the fields, as stored
  // Of an inode. `length` bytes at `offset` of the file are its payload.
  std::uint32_t mode = 0, uid = 0, gid = 0, size = 0, mtime = 0;
  std::uint32_t offset = 0, length = 0;
  std::uint8_t compression = 0;
  // Of an attribute.
  std::uint8_t prefix = 0, name_length = 0;
  std::uint16_t value_length = 0;
  std::uint8_t type = 0;      // a dirent's, upper bits of the mode >> 12
  std::uint32_t entries = 0;  // of a summary
};

// All nodes in the order of the image, and what lies between them.
struct Log {
  ByteOrder order = ByteOrder::kLittle;
  std::vector<Node> nodes = {};
  std::vector<Range> gaps = {};
  std::uint64_t end = 0;
  std::vector<Anomaly> anomalies = {};
};

// Whether a node with intact checksums begins at `head`.
[[nodiscard]] bool BeginsWithNode(ByteView head);

// Reads the nodes from the start of `bytes` to the last one that plausible
// padding of erase blocks does not separate from the one before it, and that
// does not begin another file system.
[[nodiscard]] Log ReadLog(ByteView bytes);

// Compares what summary nodes say with the nodes that are there: Linux trusts
// a summary and reads nothing else of an erase block that has one.
[[nodiscard]] std::vector<Anomaly> CheckSummaries(ByteView bytes,
                                                  const Log& log);

}  // namespace assay::formats::jffs2
