// The hash tree of dm-verity, as avbtool lays it out: digests of salted
// blocks, each level padded to whole blocks, the level below the root first.
// Format: Linux Documentation/admin-guide/device-mapper/verity.rst, version 1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "verifier/base/bytes.h"

namespace assay::formats::avb {

struct HashTree {
  Bytes levels = {};  // as they are stored
  Bytes root = {};
};

// Bytes of salt: as many as veritysetup's superblock has room for (cryptsetup,
// lib/verity/verity.c). A salt is hashed again for each block.
inline constexpr std::uint64_t kMaxSalt = 256;

// The digest of one salted piece; nothing for an unknown algorithm or a salt
// that is too long.
[[nodiscard]] std::optional<Bytes> SaltedDigest(const std::string& algorithm,
                                                ByteView salt, ByteView piece);

// Whether a tree over `size` bytes can be computed: a known algorithm, blocks
// of a power of two from 512 bytes to 64 KiB, and more than one of them.
[[nodiscard]] bool CanComputeTree(const std::string& algorithm,
                                  std::uint64_t size, std::uint64_t block);

// Nothing when CanComputeTree says no, or the salt is too long.
[[nodiscard]] std::optional<HashTree> ComputeTree(const std::string& algorithm,
                                                  ByteView salt, ByteView image,
                                                  std::uint64_t block);

}  // namespace assay::formats::avb
