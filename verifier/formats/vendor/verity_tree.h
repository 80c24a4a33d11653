// The hash tree of dm-verity, format 1: SHA-256, blocks of 4096 bytes, the
// salt in front of each block, levels from the root down.
// Layout: Linux Documentation/admin-guide/device-mapper/verity.rst.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::formats {

using VerityHash = std::array<std::uint8_t, 32>;

struct VerityResult {
  VerityHash root = {};  // of the tree as it is stored
  // Blocks of data and of the tree whose hash is not the stored one.
  std::uint64_t wrong = 0;
  std::uint64_t first_wrong = 0;  // in blocks from the start of the data
};

// How many bytes the tree over `data` bytes takes up.
[[nodiscard]] std::uint64_t VerityTreeSize(std::uint64_t data);

// Compares the data in front with the tree behind them. Nothing unless `bytes`
// is a whole number of data blocks and exactly their tree, `tree` bytes long.
[[nodiscard]] std::optional<VerityResult> CheckVerity(ByteView bytes,
                                                      std::uint64_t tree,
                                                      ByteView salt);

// The tree over the data, made anew.
struct VerityTree {
  Bytes blocks = {};  // as they are stored: levels from the root down
  VerityHash root = {};
};
// Nothing unless `data` is a whole number of blocks.
[[nodiscard]] std::optional<VerityTree> BuildVerity(ByteView data,
                                                    ByteView salt);

}  // namespace assay::formats
