// The content of a regular file of a SquashFS image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/filesystems/squashfs_inode.h"

namespace assay::formats::squashfs {

// Where a file's data blocks lie, and whether they are its content as it is.
// The tail that a fragment holds is not part of it.
struct Extent {
  Range range = {};
  bool plain = true;
};

// kMalformed when the blocks lie outside of the image.
[[nodiscard]] Result<Extent> ExtentOf(Image& image, const Inode& inode);

// Decodes a file with one block in memory. Image and inode outlive it.
class FileStream : public ByteStream {
 public:
  FileStream(Image& image, const Inode& inode);

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] Result<void> NextBlock();
  [[nodiscard]] Result<void> ReadTail(std::size_t length);

  Image& image_;
  const Inode& inode_;
  std::uint64_t blocks_left_;
  Place place_;           // in the list of block sizes
  std::uint64_t offset_;  // of the next block
  std::uint64_t left_;    // decoded bytes after the current block
  Bytes block_;
  std::size_t passed_ = 0;  // of block_
  std::optional<Error> error_;
};

}  // namespace assay::formats::squashfs
