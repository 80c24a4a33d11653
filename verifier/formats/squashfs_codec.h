// The six compressions of SquashFS, one block at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "verifier/base/bytes.h"

struct ZSTD_DCtx_s;
struct libdeflate_decompressor;

namespace assay::formats::squashfs {

// As in the super block (Linux fs/squashfs/squashfs_fs.h).
enum class Compression : std::uint16_t {
  kGzip = 1,  // a zlib stream
  kLzma,      // with the header of an .lzma file
  kLzo,       // LZO1X
  kXz,
  kLz4,
  kZstd,
};

class Codec {
 public:
  explicit Codec(Compression compression);

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

}  // namespace assay::formats::squashfs
