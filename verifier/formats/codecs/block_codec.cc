#include "verifier/formats/codecs/block_codec.h"

#include <bzlib.h>
#include <libdeflate.h>
#include <lz4.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <zstd.h>

#include <algorithm>
#include <array>

namespace assay::formats::codecs {
namespace {

// A block may be small and its dictionary large all the same.
constexpr std::uint64_t kMemory = 192ULL << 20U;

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

std::optional<std::size_t> DecodeBzip2(ByteView in,
                                       std::span<std::uint8_t> out) {
  auto size = static_cast<unsigned>(out.size());
  Bytes writable = CopyOf(in);  // bzlib takes its input as not const
  const int code = BZ2_bzBuffToBuffDecompress(
      static_cast<char*>(static_cast<void*>(out.data())), &size,
      static_cast<char*>(static_cast<void*>(writable.data())),
      static_cast<unsigned>(writable.size()), 0, 0);
  return code == BZ_OK ? std::optional<std::size_t>(size) : std::nullopt;
}

std::optional<std::size_t> DecodeDeflate(libdeflate_decompressor* state,
                                         ByteView in,
                                         std::span<std::uint8_t> out,
                                         bool framed) {
  const auto decode =
      framed ? libdeflate_zlib_decompress : libdeflate_deflate_decompress;
  std::size_t size = 0;
  return decode(state, in.data(), in.size(), out.data(), out.size(), &size) ==
                 LIBDEFLATE_SUCCESS
             ? std::optional(size)
             : std::nullopt;
}

}  // namespace

void BlockCodec::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

void BlockCodec::Free::operator()(libdeflate_decompressor* context) const {
  libdeflate_free_decompressor(context);
}

BlockCodec::BlockCodec(Compression compression) : compression_(compression) {
  if (compression == Compression::kZstd) {
    zstd_.reset(ZSTD_createDCtx());
  } else if (compression == Compression::kZlib ||
             compression == Compression::kDeflate) {
    deflate_.reset(libdeflate_alloc_decompressor());
  }
}

std::optional<std::size_t> BlockCodec::Decode(
    ByteView in, std::span<std::uint8_t> out) const {
  switch (compression_) {
    case Compression::kZlib:
    case Compression::kDeflate:
      return DecodeDeflate(deflate_.get(), in, out,
                           compression_ == Compression::kZlib);
    case Compression::kBzip2:
      return DecodeBzip2(in, out);
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

std::optional<std::size_t> DecodeRawLzma(std::uint8_t properties,
                                         std::uint32_t dictionary, ByteView in,
                                         std::span<std::uint8_t> out) {
  constexpr std::uint8_t kPropertiesEnd = 9 * 5 * 5;
  if (properties >= kPropertiesEnd || dictionary > (128U << 20U)) {
    return std::nullopt;
  }
  lzma_options_lzma options = {};
  options.dict_size = std::max<std::uint32_t>(dictionary, LZMA_DICT_SIZE_MIN);
  options.lc = properties % 9U;
  options.lp = properties / 9U % 5U;
  options.pb = properties / 45U;
  const std::array<lzma_filter, 2> chain = {
      {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
  lzma_stream state = LZMA_STREAM_INIT;
  if (lzma_raw_decoder(&state, chain.data()) != LZMA_OK) {
    return std::nullopt;
  }
  state.next_in = in.data();
  state.avail_in = in.size();
  state.next_out = out.data();
  state.avail_out = out.size();
  const lzma_ret code = lzma_code(&state, LZMA_RUN);
  const std::size_t size = out.size() - state.avail_out;
  lzma_end(&state);
  const bool good = code == LZMA_OK || code == LZMA_STREAM_END ||
                    (code == LZMA_BUF_ERROR && state.avail_out == 0);
  return good ? std::optional(size) : std::nullopt;
}

}  // namespace assay::formats::codecs
