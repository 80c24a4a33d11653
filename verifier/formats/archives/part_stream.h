// Files that lie one after the other in one decoded stream ("solid").
#pragma once

#include <cstdint>

#include "verifier/base/byte_stream.h"

namespace assay::formats {

// The next `size` bytes of another stream; kTruncated where that ends early.
class PartStream : public ByteStream {
 public:
  PartStream(ByteStream& whole, std::uint64_t size)
      : whole_(whole), left_(size) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;
  // Passes what nobody read; false when the whole is damaged.
  bool PassRest();
  [[nodiscard]] std::uint32_t crc() const { return crc_; }  // CRC-32

 private:
  ByteStream& whole_;
  std::uint64_t left_;
  std::uint32_t crc_ = 0;
};

// All of a stream, at most `limit` bytes.
[[nodiscard]] Result<Bytes> ReadAll(ByteStream& stream, std::uint64_t limit);

}  // namespace assay::formats
