#include "verifier/formats/squashfs_codec.h"

#include <libdeflate.h>
#include <lz4.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <zstd.h>

namespace assay::formats::squashfs {
namespace {

// A block holds at most 1 MiB, but its dictionary may be larger.
constexpr std::uint64_t kMemory = 128ULL << 20U;

std::optional<std::size_t> DecodeLzma(ByteView in,
                                      std::span<std::uint8_t> out) {
  lzma_stream state = LZMA_STREAM_INIT;
  if (lzma_alone_decoder(&state, kMemory) != LZMA_OK) {
    return std::nullopt;
  }
  state.next_in = in.data();
  state.avail_in = in.size();
  state.next_out = out.data();
  state.avail_out = out.size();
  const lzma_ret code = lzma_code(&state, LZMA_FINISH);
  const std::size_t size = out.size() - state.avail_out;
  lzma_end(&state);
  return code == LZMA_STREAM_END ? std::optional(size) : std::nullopt;
}

std::optional<std::size_t> DecodeXz(ByteView in, std::span<std::uint8_t> out) {
  std::uint64_t memory = kMemory;
  std::size_t consumed = 0;
  std::size_t size = 0;
  const lzma_ret code =
      lzma_stream_buffer_decode(&memory, 0, nullptr, in.data(), &consumed,
                                in.size(), out.data(), &size, out.size());
  return code == LZMA_OK ? std::optional(size) : std::nullopt;
}

std::optional<std::size_t> DecodeLzo(ByteView in, std::span<std::uint8_t> out) {
  lzo_uint size = out.size();
  const int code =
      lzo1x_decompress_safe(in.data(), in.size(), out.data(), &size, nullptr);
  return code == LZO_E_OK ? std::optional<std::size_t>(size) : std::nullopt;
}

std::optional<std::size_t> DecodeLz4(ByteView in, std::span<std::uint8_t> out) {
  const int size = LZ4_decompress_safe(
      AsText(in).data(), static_cast<char*>(static_cast<void*>(out.data())),
      static_cast<int>(in.size()), static_cast<int>(out.size()));
  return size < 0 ? std::nullopt
                  : std::optional(static_cast<std::size_t>(size));
}

}  // namespace

void Codec::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

void Codec::Free::operator()(libdeflate_decompressor* context) const {
  libdeflate_free_decompressor(context);
}

Codec::Codec(Compression compression) : compression_(compression) {
  if (compression == Compression::kZstd) {
    zstd_.reset(ZSTD_createDCtx());
  } else if (compression == Compression::kGzip) {
    deflate_.reset(libdeflate_alloc_decompressor());
  }
}

std::optional<std::size_t> Codec::Decode(ByteView in,
                                         std::span<std::uint8_t> out) const {
  switch (compression_) {
    case Compression::kGzip: {
      std::size_t size = 0;
      const libdeflate_result code = libdeflate_zlib_decompress(
          deflate_.get(), in.data(), in.size(), out.data(), out.size(), &size);
      return code == LIBDEFLATE_SUCCESS ? std::optional(size) : std::nullopt;
    }
    case Compression::kLzma:
      return DecodeLzma(in, out);
    case Compression::kLzo:
      return DecodeLzo(in, out);
    case Compression::kXz:
      return DecodeXz(in, out);
    case Compression::kLz4:
      return DecodeLz4(in, out);
    case Compression::kZstd: {
      const std::size_t size = ZSTD_decompressDCtx(
          zstd_.get(), out.data(), out.size(), in.data(), in.size());
      return ZSTD_isError(size) == 0 ? std::optional(size) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace assay::formats::squashfs
