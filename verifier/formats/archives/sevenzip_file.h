// One file of a 7z archive: its part of a folder's stream, its metadata.
#pragma once

#include <cstdint>

#include "verifier/base/byte_stream.h"
#include "verifier/base/file_metadata.h"
#include "verifier/formats/archives/sevenzip_header.h"

namespace assay::formats::sevenzip {

// The next `size` bytes of a folder's stream.
class FileStream : public ByteStream {
 public:
  FileStream(ByteStream& folder, std::uint64_t size)
      : folder_(folder), left_(size) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;
  // Passes what nobody read; false when the folder is damaged.
  bool PassRest();
  [[nodiscard]] std::uint32_t crc() const { return crc_; }

 private:
  ByteStream& folder_;
  std::uint64_t left_;
  std::uint32_t crc_ = 0;
};

// All of a stream, at most `limit` bytes.
[[nodiscard]] Result<Bytes> ReadAll(ByteStream& stream, std::uint64_t limit);

// The upper half of the attributes is a Unix mode where bit 15 says so.
[[nodiscard]] FileMetadata MetadataOf(const File& file);

}  // namespace assay::formats::sevenzip
