// Compressed blocks of file systems and packed sections: each is decoded as a
// whole, into a buffer whose size the container states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "verifier/base/bytes.h"

struct ZSTD_DCtx_s;
struct libdeflate_decompressor;

namespace assay::formats::codecs {

enum class Compression : std::uint8_t {
  kZlib,     // RFC 1950
  kDeflate,  // RFC 1951, without any frame
  kBzip2,
  kLzma,  // with the 13-byte header of an .lzma file
  kLzo,   // LZO1X, without any frame
  kXz,
  kLz4,  // LZ4 block, without any frame
  kZstd,
};

// Decodes many blocks of one compression. Not for several threads at once.
class BlockCodec {
 public:
  explicit BlockCodec(Compression compression);

  // Decodes a whole block; returns how many bytes it holds, or nothing when
  // it is damaged or holds more than `out`.
  [[nodiscard]] std::optional<std::size_t> Decode(
      ByteView in, std::span<std::uint8_t> out) const;

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
    void operator()(libdeflate_decompressor* context) const;
  };

  Compression compression_;
  std::unique_ptr<ZSTD_DCtx_s, Free> zstd_;
  std::unique_ptr<libdeflate_decompressor, Free> deflate_;
};

// LZMA without header or end marker, as UBIFS, JFFS2, EROFS, old SquashFS, 7z
// and NSIS keep it. `properties` is the first byte of an .lzma header:
// (pb * 5 + lp) * 9 + lc. Fills `out` as far as the input goes; nothing when it
// is damaged. `dictionary` is in bytes, at most 128 MiB.
[[nodiscard]] std::optional<std::size_t> DecodeRawLzma(
    std::uint8_t properties, std::uint32_t dictionary, ByteView in,
    std::span<std::uint8_t> out);

}  // namespace assay::formats::codecs
