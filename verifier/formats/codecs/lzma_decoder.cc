#include "verifier/formats/codecs/lzma_decoder.h"

#include <fmt/format.h>

namespace assay::formats {

LzmaDecoder::Progress LzmaDecoder::Run(ByteView in,
                                       std::span<std::uint8_t> out) {
  state_.next_in = in.data();
  state_.avail_in = in.size();
  state_.next_out = out.data();
  state_.avail_out = out.size();
  lzma_ret code = lzma_code(&state_, in.empty() ? LZMA_FINISH : LZMA_RUN);
  if (code == LZMA_BUF_ERROR) {
    code = LZMA_OK;  // no progress; the caller knows what that means
  }
  return {in.size() - state_.avail_in, out.size() - state_.avail_out, code};
}

Error ExplainLzma(lzma_ret code) {
  switch (code) {
    case LZMA_MEMLIMIT_ERROR:
      return {ErrorCode::kLimit,
              fmt::format("needs more than {} MiB", kLzmaMemory >> 20U)};
    case LZMA_MEM_ERROR:
      return {ErrorCode::kLimit, "no memory"};
    case LZMA_OPTIONS_ERROR:
      return {ErrorCode::kUnsupported, "an unknown filter, version or option"};
    case LZMA_FORMAT_ERROR:
      return {ErrorCode::kMalformed, "damaged header"};
    default:
      return {ErrorCode::kMalformed, "damaged data or checksum"};
  }
}

}  // namespace assay::formats
