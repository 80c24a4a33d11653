// Content that is found by direct, indirect, doubly and triply indirect block
// numbers, as in ext2 and Minix. A number of 0 is a hole.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "verifier/base/byte_source.h"
#include "verifier/base/result.h"

namespace assay::formats {

struct PointerMap {
  std::vector<std::uint32_t> top = {};  // the numbers in the inode
  std::size_t direct = 0;               // how many of them are data
  std::uint64_t size = 0;               // of the content, in bytes
  std::uint64_t block_size = 0;
  std::uint64_t blocks = 0;     // of the file system
  std::uint64_t per_block = 0;  // numbers in a block
  std::uint32_t (*number_at)(ByteView block, std::uint64_t index) = nullptr;
  // The bytes of a block of numbers; an error when it may not be followed.
  std::function<Result<ByteView>(std::uint64_t block)> follow = {};
};

// Appends where the content lies, in whole blocks. With an error, what was
// mapped before it is there.
[[nodiscard]] Result<void> MapPointers(const PointerMap& map,
                                       std::vector<Extent>& extents);

}  // namespace assay::formats
