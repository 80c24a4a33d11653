// The checksums of Btrfs: CRC-32C, xxHash64 and SHA-256. Layout: Linux
// include/uapi/linux/btrfs_tree.h, enum btrfs_csum_type; xxHash: "xxHash fast
// digest algorithm", section "XXH64".
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"

namespace assay::formats::btrfs {

enum ChecksumType : std::uint16_t { kCrc32c, kXxHash64, kSha256, kBlake2b };

// How many bytes one takes up; 0: unknown.
[[nodiscard]] std::size_t ChecksumSize(std::uint16_t type);

// Whether `stored` begins with the checksum of `bytes`. Nothing can be said of
// BLAKE2b with 32 bytes, which no library here computes.
[[nodiscard]] std::optional<bool> HasChecksum(std::uint16_t type,
                                              ByteView bytes, ByteView stored);

[[nodiscard]] std::uint64_t XxHash64(ByteView bytes);

}  // namespace assay::formats::btrfs
