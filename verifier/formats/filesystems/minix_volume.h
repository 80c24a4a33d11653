// The lower half of reading a Minix file system: super block, inodes, entries
// and maps, in two byte orders. Layout: Linux fs/minix/minix.h,
// include/uapi/linux/minix_fs.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/file_metadata.h"
#include "verifier/base/result.h"

namespace assay::formats::minix {

// What a super block says, whichever version and order it has.
struct Super {
  unsigned version = 0;
  ByteOrder order = ByteOrder::kLittle;
  std::uint64_t name_size = 0;
  std::uint64_t inodes = 0, zones = 0, block_size = 0;
  std::uint64_t inode_blocks = 0, zone_blocks = 0;  // of the bitmaps
  std::uint64_t first_zone = 0;                     // with data
};

struct Inode {
  std::uint64_t number = 0;
  Range place = {};  // in the image
  FileMetadata meta = {};
  std::uint64_t links = 0, size = 0;
  std::vector<std::uint32_t> zones = {};
};

struct Entry {
  std::string name = {};
  std::uint64_t inode = 0;
};

// The super block in the first bytes of a file system, unless it contradicts
// itself.
[[nodiscard]] std::optional<Super> Recognize(ByteView head);

[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

class Volume {
 public:
  [[nodiscard]] static Result<Volume> Open(const ByteSource& source);

  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] std::uint64_t block_size() const { return super_.block_size; }
  [[nodiscard]] std::uint64_t size() const {
    return super_.zones * super_.block_size;
  }
  [[nodiscard]] std::uint64_t inodes() const { return super_.inodes; }
  [[nodiscard]] std::uint64_t inode_size() const;
  [[nodiscard]] std::uint64_t entry_size() const;
  // Super block and bitmaps.
  [[nodiscard]] std::vector<Range> Tables() const;
  [[nodiscard]] Range InodeTable() const;
  // kMalformed for an inode in no use.
  [[nodiscard]] Result<Inode> ReadInode(std::uint64_t number) const;
  [[nodiscard]] Entry EntryIn(ByteView bytes) const;
  // Where the content lies, in whole blocks. `own` is told of every block of
  // block numbers; false: it belongs to something else.
  [[nodiscard]] Result<void> Map(const Inode& inode,
                                 const std::function<bool(Range)>& own,
                                 std::vector<Extent>& extents) const;

 private:
  Volume() = default;

  ByteSource source_;
  Super super_;
};

}  // namespace assay::formats::minix
