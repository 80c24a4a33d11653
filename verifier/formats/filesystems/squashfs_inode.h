// The upper half of reading a SquashFS 4.0 image: inodes, directories and
// extended attributes. Layout: Linux fs/squashfs/squashfs_fs.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/file_metadata.h"
#include "verifier/formats/filesystems/squashfs_blocks.h"

namespace assay::formats::squashfs {

struct Inode {
  FileMetadata meta = {};  // all but extended attributes
  std::uint32_t xattr = kNone;
  std::uint32_t nlink = 0;
  std::uint64_t size = 0;  // of a file, or of a directory's listing
  // Of a regular file. `blocks` is where its list of block sizes begins.
  std::uint64_t start = 0;
  std::uint32_t fragment = kNone;
  std::uint32_t fragment_offset = 0;
  Place blocks = {};
  Place listing = {};  // of a directory

  // How many sizes the list of blocks has.
  [[nodiscard]] std::uint64_t BlockCount(std::uint64_t block_size) const;
};

// `reference`: as in a directory entry or the super block.
[[nodiscard]] Result<Inode> ReadInode(Image& image, std::uint64_t reference);

struct Entry {
  std::string name = {};
  std::uint64_t inode = 0;  // reference
};

// Adds to `entries`, which end up sorted by name; kLimit past `most` of them.
// With an error, the entries before it are there.
[[nodiscard]] Result<void> ReadDirectory(Image& image, const Inode& directory,
                                         std::uint64_t most,
                                         std::vector<Entry>& entries);

// Sets inode.meta.xattrs, with full names ("security.capability"). Values
// over 64 KiB, which Linux refuses, and more than 1 MiB in all are an error.
[[nodiscard]] Result<void> ReadXattrs(Image& image, Inode& inode);

}  // namespace assay::formats::squashfs
