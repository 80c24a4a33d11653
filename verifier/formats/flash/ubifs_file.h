// The content of a regular file of a UBIFS image.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/codecs/block_codec.h"
#include "verifier/formats/flash/ubifs_media.h"

namespace assay::formats::ubifs {

using Blocks = std::map<std::uint32_t, Range>;  // data nodes by block

class Decoder {
 public:
  explicit Decoder(ByteView bytes) : bytes_(bytes) {}

  // What the data node in `node` holds, at most one block; what it does not
  // fill of `into` is zeros.
  [[nodiscard]] Result<void> Decode(Range node, std::span<std::uint8_t> into);

 private:
  ByteView bytes_;
  codecs::BlockCodec lzo_{codecs::Compression::kLzo};
  codecs::BlockCodec deflate_{codecs::Compression::kDeflate};
  codecs::BlockCodec zstd_{codecs::Compression::kZstd};
};

// All outlive the stream.
class FileStream : public ByteStream {
 public:
  FileStream(Decoder& decoder, const Blocks& blocks, std::uint64_t size)
      : decoder_(decoder), blocks_(blocks), size_(size) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  [[nodiscard]] Result<void> NextBlock();

  Decoder& decoder_;
  const Blocks& blocks_;
  std::uint64_t size_;
  std::uint64_t position_ = 0;
  std::uint32_t next_ = 0;  // block
  Bytes block_;
  std::optional<Error> error_;
};

}  // namespace assay::formats::ubifs
