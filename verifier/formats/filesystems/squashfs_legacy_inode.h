// The upper half of reading a SquashFS image that is not plain 4.0: inodes
// and directories.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/base/file_metadata.h"
#include "verifier/formats/filesystems/file_tree.h"
#include "verifier/formats/filesystems/squashfs_legacy_image.h"

namespace assay::formats::squashfs_legacy {

struct Inode {
  FileMetadata meta = {};
  std::uint64_t size = 0;  // of a file, or of a directory's listing
  std::uint64_t start = 0;
  std::uint32_t fragment = squashfs::kNone;
  std::uint32_t fragment_offset = 0;
  Place blocks = {};   // where the list of block sizes begins
  Place listing = {};  // of a directory

  // How many sizes the list of blocks has.
  [[nodiscard]] std::uint64_t BlockCount(std::uint32_t block_size) const;
  // Whether the end of the file lies in a fragment.
  [[nodiscard]] bool HasTail(std::uint32_t block_size) const;
};

// `reference`: as in a directory entry or the super block.
[[nodiscard]] Result<Inode> ReadInode(Image& image, std::uint64_t reference);

// Adds to `entries`; kLimit past `most` of them.
[[nodiscard]] Result<void> ReadDirectory(Image& image, const Inode& directory,
                                         std::uint64_t most,
                                         std::vector<TreeEntry>& entries);

}  // namespace assay::formats::squashfs_legacy
