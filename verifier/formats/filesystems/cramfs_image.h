// The structures of a cramfs image, in either byte order.
// Layout: Linux include/uapi/linux/cramfs_fs.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats::cramfs {

inline constexpr std::uint64_t kInodeSize = 12;
inline constexpr std::uint64_t kSuperSize = 76;

struct Inode {
  std::uint64_t at = 0;  // in the image; the name follows it
  std::uint32_t mode = 0, uid = 0, gid = 0;
  std::uint32_t size = 0;  // of a device its number
  std::uint32_t name_length = 0;
  std::uint64_t offset = 0;  // of block pointers, or of a directory's entries
};

struct Super {
  ByteOrder order = ByteOrder::kLittle;
  std::uint64_t start = 0;  // 512 where room is left for a boot loader
  std::uint32_t size = 0, flags = 0, crc = 0, files = 0;
  Inode root = {};

  // Only then size and CRC count.
  [[nodiscard]] bool version2() const { return (flags & 1U) != 0; }
  // Pointers may say where a block lies and that it is not compressed.
  [[nodiscard]] bool extended() const { return (flags & 0x800U) != 0; }
};

// The super block of the image that begins at `bytes`, when it does not
// contradict itself.
[[nodiscard]] std::optional<Super> ReadSuper(ByteView bytes);

[[nodiscard]] std::optional<Inode> ReadInode(ByteView bytes, ByteOrder order,
                                             std::uint64_t at);

[[nodiscard]] std::optional<std::uint32_t> ReadWord(ByteView bytes,
                                                    ByteOrder order,
                                                    std::uint64_t at);

}  // namespace assay::formats::cramfs
