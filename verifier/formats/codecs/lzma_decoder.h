// liblzma's decoders for the containers of LZMA other than xz.
#pragma once

#include <lzma.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "verifier/base/bytes.h"
#include "verifier/base/result.h"

namespace assay::formats {

// The memory that one LZMA decoder may take, most of it its dictionary.
inline constexpr std::uint64_t kLzmaMemory = 512ULL << 20U;

class LzmaDecoder {
 public:
  LzmaDecoder() = default;
  ~LzmaDecoder() { lzma_end(&state_); }
  LzmaDecoder(const LzmaDecoder&) = delete;
  LzmaDecoder& operator=(const LzmaDecoder&) = delete;

  // Begin anew: an .lzma file, one member of an .lz file, or `filters` (ended
  // by LZMA_VLI_UNKNOWN) without any frame.
  lzma_ret BeginAlone() { return lzma_alone_decoder(&state_, kLzmaMemory); }
  lzma_ret BeginLzip() { return lzma_lzip_decoder(&state_, kLzmaMemory, 0); }
  lzma_ret BeginRaw(std::span<const lzma_filter> filters) {
    return lzma_raw_decoder(&state_, filters.data());
  }

  struct Progress {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    lzma_ret code = LZMA_OK;  // never LZMA_BUF_ERROR
  };
  // `in` is empty only at the end of the input.
  Progress Run(ByteView in, std::span<std::uint8_t> out);

 private:
  lzma_stream state_ = LZMA_STREAM_INIT;
};

// What any code but LZMA_OK and LZMA_STREAM_END means.
[[nodiscard]] Error ExplainLzma(lzma_ret code);

}  // namespace assay::formats
