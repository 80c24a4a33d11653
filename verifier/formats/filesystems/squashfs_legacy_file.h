// The content of files of a SquashFS image that is not plain 4.0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/filesystems/squashfs_legacy_inode.h"

namespace assay::formats::squashfs_legacy {

// The next size of a list of blocks; moves `place`.
[[nodiscard]] Result<squashfs::BlockSize> TakeBlockSize(Image& image,
                                                        Place& place);

// Decodes a file with one block in memory. Image and inode outlive it.
class FileStream : public ByteStream {
 public:
  FileStream(Image& image, const Inode& inode);

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] Result<void> NextBlock();

  Image& image_;
  const Inode& inode_;
  std::uint64_t blocks_left_;
  Place place_;
  std::uint64_t offset_;  // of the next block
  std::uint64_t left_;
  Bytes block_;
  std::size_t passed_ = 0;
  std::optional<Error> error_;
};

}  // namespace assay::formats::squashfs_legacy
