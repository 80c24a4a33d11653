// The lower half of reading an EROFS image: super block, inodes, extended
// attributes and listings. Layout: Linux fs/erofs/erofs_fs.h.
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
#include "verifier/base/file_metadata.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"

namespace assay::formats::erofs {

inline constexpr std::uint64_t kSuperAt = 1024;

struct Super {
  Le32 magic, checksum, compatible;
  std::uint8_t block_bits = 0, extra_slots = 0;
  Le16 root_nid;
  Le64 inodes, epoch;
  Le32 nanoseconds, blocks, meta_block, xattr_block;
  std::array<std::uint8_t, 16> uuid = {}, volume = {};
  Le32 incompatible;
  Le16 algorithms, extra_devices, device_slot;
  std::uint8_t directory_bits = 0, prefix_count = 0;
  Le32 prefix_start;
  Le64 packed_nid;
  std::array<std::uint8_t, 24> reserved = {};
};
static_assert(sizeof(Super) == 128 && FileStruct<Super>);

// Super::compatible and Super::incompatible.
inline constexpr std::uint32_t kHasChecksum = 0x1;
inline constexpr std::uint32_t kZeroPadding = 0x1;
inline constexpr std::uint32_t kHasConfigs = 0x2;
inline constexpr std::uint32_t kFragments = 0x20;
inline constexpr std::uint32_t kPrefixes = 0x40;
inline constexpr std::uint32_t kKnownFeatures = 0x7f;

enum class Layout : std::uint8_t {
  kPlain,
  kCompressedFull,
  kInline,
  kCompressedCompact,
  kChunks,
};

struct Inode {
  std::uint64_t nid = 0;
  std::uint64_t body = 0;  // what follows inode and attributes
  Layout layout = Layout::kPlain;
  std::uint32_t start = 0;  // block, chunk format or compressed blocks
  std::uint64_t size = 0;
  std::uint32_t links = 0;
  FileMetadata meta = {};
};

struct Entry {
  std::string name = {};
  std::uint64_t nid = 0;
  std::uint8_t type = 0;  // FT_*, as Linux include/linux/fs_types.h
};

// Whether `head` begins with a super block that does not contradict itself.
[[nodiscard]] bool HasSuper(ByteView head);
// Whether its CRC-32C is right, or there is none; nothing when the block does
// not lie in `bytes`.
[[nodiscard]] std::optional<bool> ChecksumHolds(ByteView bytes);

[[nodiscard]] tl::unexpected<Error> Malformed(std::string_view what);

class Image {
 public:
  // `visited` is told of every range of metadata that was read, each time.
  [[nodiscard]] static Result<Image> Open(const ByteSource& source,
                                          const Limits& limits,
                                          std::function<void(Range)> visited);

  [[nodiscard]] const Super& super() const { return super_; }
  [[nodiscard]] const ByteSource& source() const { return source_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] std::uint64_t block_size() const {
    return 1ULL << super_.block_bits;
  }
  [[nodiscard]] bool Has(std::uint32_t feature) const {
    return (super_.incompatible & feature) != 0;
  }
  void Visit(Range range) const {
    if (range.length > 0 &&
        assay::Slice(source_.bytes(), range.offset, range.length)) {
      visited_(range);
    }
  }
  // kLimit when more than Limits::unpacked bytes were decoded in all.
  [[nodiscard]] Result<void> Spend(std::uint64_t decoded);

  // With its extended attributes; what is wrong with those goes to `odd`.
  [[nodiscard]] Result<Inode> ReadInode(std::uint64_t nid,
                                        std::optional<Error>& odd) const;
  // Where the content of an inode lies that is not compressed.
  [[nodiscard]] Result<std::vector<Extent>> Extents(const Inode& inode) const;

  // Long prefixes of attribute names, as ReadPrefixes found them.
  void set_prefixes(std::vector<std::string> prefixes) {
    prefixes_ = std::move(prefixes);
  }

 private:
  Image() = default;
  [[nodiscard]] Result<void> ReadXattrs(std::uint64_t at, std::uint64_t size,
                                        Inode& inode) const;
  [[nodiscard]] Result<std::uint64_t> AddXattr(std::uint64_t at,
                                               std::uint64_t end,
                                               Inode& inode) const;
  [[nodiscard]] Result<std::vector<Extent>> ChunkExtents(
      const Inode& inode) const;

  ByteSource source_;
  Super super_ = {};
  Limits limits_;
  std::function<void(Range)> visited_;
  std::vector<std::string> prefixes_;
  std::uint64_t work_left_ = 0;
};

// What the index of an attribute's name stands for, but for long prefixes.
[[nodiscard]] std::optional<std::string_view> PrefixOf(unsigned index);

// The prefixes that the super block names: `count` records of a length, a base
// index and an infix, at `at` of `bytes`.
[[nodiscard]] Result<std::vector<std::string>> ReadPrefixes(ByteView bytes,
                                                            std::uint64_t at,
                                                            std::size_t count);

// The entries of a directory's content but for "." and "..", in order. What
// is read before damage stays in `entries`; "." and ".." go to `dots`.
[[nodiscard]] Result<void> ReadDirectory(ByteView content,
                                         std::uint64_t block_size,
                                         std::uint64_t most,
                                         std::vector<Entry>& entries,
                                         std::vector<Entry>& dots);

}  // namespace assay::formats::erofs
