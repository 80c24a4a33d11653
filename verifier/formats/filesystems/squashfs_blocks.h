// The lower half of reading a SquashFS 4.0 image: its super block, and blocks
// of data and of metadata. Layout: Linux fs/squashfs/squashfs_fs.h.
//
// Debian's libsquashfs is not used: it decodes no LZO, and it allocates what a
// hostile inode states, which cannot be bounded from outside.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "verifier/base/byte_source.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"
#include "verifier/formats/codecs/block_codec.h"

namespace assay::formats::squashfs {

struct Super {
  Be32 magic;  // "hsqs"
  Le32 inodes, mkfs_time, block_size, fragments;
  Le16 compression, block_log, flags, ids, major, minor;
  Le64 root_inode, bytes_used;
  Le64 id_table, xattr_table, inode_table, directory_table, fragment_table;
  Le64 export_table;
};
static_assert(sizeof(Super) == 96 && FileStruct<Super>);

inline constexpr std::uint64_t kNoTable = ~0ULL;
inline constexpr std::uint32_t kNone = 0xffffffff;  // no fragment, no xattrs
inline constexpr std::uint32_t kMetadataBlock = 8U << 10U;
inline constexpr std::uint16_t kHasOptions = 0x0400;  // Super::flags

// Whether `head` begins with a super block that does not contradict itself.
[[nodiscard]] bool HasSuper(ByteView head);

[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

// A size as block lists and fragment entries store it.
struct BlockSize {
  std::uint32_t stored = 0;  // bytes in the image; 0: a hole
  bool plain = false;        // not compressed

  [[nodiscard]] static BlockSize From(std::uint32_t raw) {
    constexpr std::uint32_t kPlain = 1U << 24U;
    return {raw & ~kPlain, (raw & kPlain) != 0};
  }
};

// A place in metadata: the offset of a block in the image, and an offset in
// what that block decodes to.
struct Place {
  std::uint64_t block = 0;
  std::uint32_t offset = 0;
};

class Image {
 public:
  // The image that begins at `source`. `visited` is told of every range of
  // metadata that was read, each time that it is read.
  [[nodiscard]] static Result<Image> Open(const ByteSource& source,
                                          const Limits& limits,
                                          std::function<void(Range)> visited);

  [[nodiscard]] const Super& super() const { return super_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }

  // Reads metadata, which may go on in the next block, and moves `place`.
  [[nodiscard]] Result<void> Read(Place& place, std::span<std::uint8_t> into);
  template <FileStruct T>
  [[nodiscard]] Result<T> Take(Place& place) {
    std::array<std::uint8_t, sizeof(T)> raw = {};
    if (auto ok = Read(place, raw); !ok) {
      return Fail(ok.error());
    }
    return *ReadAt<T>(raw, 0);
  }
  // The caller bounds `length`.
  [[nodiscard]] Result<std::string> TakeText(Place& place,
                                             std::uint32_t length);

  // Where entry `index` lies in a table of metadata blocks, whose offsets are
  // listed at `table`. `size` is that of an entry.
  [[nodiscard]] Result<Place> TableEntry(std::uint64_t table,
                                         std::uint64_t index,
                                         std::uint32_t size);

  // Decodes a data block to exactly `into`.
  [[nodiscard]] Result<void> Data(std::uint64_t offset, BlockSize size,
                                  std::span<std::uint8_t> into);
  // All of the fragment block `index`; valid until the next call.
  [[nodiscard]] Result<ByteView> Fragment(std::uint32_t index);
  // Where it lies in the image.
  [[nodiscard]] Result<Range> FragmentRange(std::uint32_t index);

 private:
  struct Decoded {
    std::uint64_t at = 0;  // 0: nothing, as the super block is there
    std::uint64_t next = 0;
    Bytes bytes = {};
  };
  struct FragmentEntry {
    Le64 start;
    Le32 size, unused;
  };

  Image() = default;
  // Decodes to at most `into` bytes and returns how many there are.
  [[nodiscard]] Result<std::size_t> Decode(Range at, bool plain,
                                           std::span<std::uint8_t> into);
  [[nodiscard]] Result<const Decoded*> Metadata(std::uint64_t at);
  [[nodiscard]] Result<FragmentEntry> FragmentAt(std::uint32_t index);

  ByteSource source_;
  Super super_ = {};
  std::function<void(Range)> visited_;
  std::optional<codecs::BlockCodec> codec_;
  std::uint64_t work_left_ = 0;  // bytes that may still be decoded
  // Direct-mapped: inodes and listings that follow one another share blocks.
  std::array<Decoded, 256> metadata_ = {};
  std::uint32_t fragment_index_ = kNone;
  Bytes fragment_;
};

}  // namespace assay::formats::squashfs
