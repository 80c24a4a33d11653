// The content of a compressed file of an EROFS image.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/filesystems/erofs_extents.h"

namespace assay::formats::erofs {

// Decodes one extent to exactly `out`, which may be less than it holds; false
// when it is damaged or holds less. `position` is that of the extent in its
// file; with `padded` the first block begins with zeros.
[[nodiscard]] bool DecodeExtent(Coding coding, ByteView in, bool padded,
                                std::uint64_t block_size,
                                std::uint64_t position,
                                std::span<std::uint8_t> out);

// Decodes a file extent by extent; one is in memory. `packed` is the content
// of the packed inode; image, inode and it outlive the stream.
class CompressedStream : public ByteStream {
 public:
  CompressedStream(Image& image, const Inode& inode, const ByteSource& packed)
      : image_(image), inode_(inode), packed_(packed) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] Result<bool> NextExtent();

  Image& image_;
  const Inode& inode_;
  const ByteSource& packed_;
  std::optional<ExtentReader> reader_;
  Bytes decoded_;
  ByteView left_;  // of the current extent
  std::optional<Error> error_;
};

}  // namespace assay::formats::erofs
