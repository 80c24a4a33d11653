// The lower half of reading a SquashFS image that is not plain 4.0: super
// block, compression, blocks. Layouts 1 to 3: squashfs-tools 4.x,
// squashfs_compat.h; layout 4: Linux fs/squashfs/squashfs_fs.h.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"
#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/filesystems/squashfs_blocks.h"

namespace assay::formats::squashfs_legacy {

using squashfs::kMetadataBlock;
using squashfs::Place;

// Bit fields as compilers of either byte order lay them out: from the low end
// of the first byte on a little-endian machine, from its high end on a
// big-endian one.
class Bits {
 public:
  Bits(ByteView bytes, ByteOrder order) : bytes_(bytes), order_(order) {}

  // `count` bits (with those before them in their byte at most 64) from bit
  // `position` on; 0 past the end.
  [[nodiscard]] std::uint64_t Get(std::uint64_t position,
                                  std::uint64_t count) const;
  [[nodiscard]] std::uint32_t Get32(std::uint64_t position,
                                    std::uint64_t count = 32) const {
    return static_cast<std::uint32_t>(Get(position, count));
  }

 private:
  ByteView bytes_;
  ByteOrder order_;
};

struct Super {
  ByteOrder order = ByteOrder::kLittle;
  std::uint32_t major = 0, minor = 0;
  std::uint64_t length = 0;  // of the super block itself
  std::uint32_t inodes = 0, mkfs_time = 0, block_size = 0, fragments = 0;
  std::uint32_t flags = 0, compression = 1;
  std::uint32_t uids = 0, gids = 0;  // of 4.0: ids, and 0
  std::uint64_t root_inode = 0, bytes_used = 0;
  std::uint64_t uid_table = 0, gid_table = 0, inode_table = 0;
  std::uint64_t directory_table = 0, fragment_table = 0, lookup_table = 0;
  std::uint64_t xattr_table = ~0ULL;

  // Before 4.0, a byte 0xff may follow the length of a metadata block.
  [[nodiscard]] std::uint64_t block_header() const {
    return major < 4 && (flags & 4U) != 0 ? 3 : 2;
  }
};

// Any super block that does not contradict itself, but for those of plain 4.0
// in little-endian, which are squashfs.cc's.
[[nodiscard]] std::optional<Super> ReadSuper(ByteView bytes);

// How blocks are compressed. Nothing in old images says it.
struct Method {
  codecs::Compression compression = codecs::Compression::kZlib;
  // LZMA with less than a whole header.
  bool raw_lzma = false;
  std::uint8_t skip = 0;                        // bytes in front of the data
  std::optional<std::uint8_t> properties = {};  // else the first byte
};

// What may have compressed the image, the likely first.
[[nodiscard]] std::vector<Method> MethodsFor(const Super& super);

class Image {
 public:
  Image(const ByteSource& source, const Super& super, const Limits& limits,
        std::function<void(Range)> visited)
      : source_(source),
        super_(super),
        visited_(std::move(visited)),
        work_left_(limits.unpacked) {}

  [[nodiscard]] const Super& super() const { return super_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] Bits bits(ByteView bytes) const {
    return {bytes, super_.order};
  }

  // From now on, blocks count as compressed like this.
  void Use(const Method& method);

  // Reads metadata, which may go on in the next block, and moves `place`.
  [[nodiscard]] Result<void> Read(Place& place, std::span<std::uint8_t> into);
  // Decodes a data block to exactly `into`.
  [[nodiscard]] Result<void> Data(Range at, bool plain,
                                  std::span<std::uint8_t> into);
  // Where entry `index` of `size` bytes lies in a table of metadata blocks,
  // whose offsets are listed at `table`.
  [[nodiscard]] Result<Place> TableEntry(std::uint64_t table,
                                         std::uint64_t index,
                                         std::uint32_t size);

  struct Fragment {
    Range range = {};
    bool plain = false;
  };
  [[nodiscard]] Result<Fragment> FragmentAt(std::uint32_t index);
  // All of a fragment block; valid until the next call.
  [[nodiscard]] Result<ByteView> FragmentBytes(std::uint32_t index);

 private:
  struct Decoded {
    std::uint64_t at = 0;  // 0: nothing
    std::uint64_t next = 0;
    Bytes bytes = {};
  };

  [[nodiscard]] Result<std::size_t> Decode(Range at, bool plain,
                                           std::span<std::uint8_t> into);
  [[nodiscard]] std::optional<std::size_t> Unpack(
      ByteView data, std::span<std::uint8_t> into) const;
  [[nodiscard]] Result<const Decoded*> Metadata(std::uint64_t at);

  ByteSource source_;
  Super super_;
  std::function<void(Range)> visited_;
  std::uint64_t work_left_;
  Method method_;
  std::optional<codecs::BlockCodec> codec_;
  std::array<Decoded, 64> metadata_ = {};
  std::uint32_t fragment_index_ = squashfs::kNone;
  Bytes fragment_;
};

}  // namespace assay::formats::squashfs_legacy
