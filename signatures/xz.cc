#include "signatures/xz.h"

#include <lzma.h>

#include <algorithm>

namespace assay::signatures {
namespace {

constexpr std::uint64_t kDecoderMemory = 256ULL << 20U;
constexpr std::size_t kStep = 4UL << 20U;

class Decoder {
 public:
  Decoder() {
    ready_ = lzma_stream_decoder(&stream_, kDecoderMemory, LZMA_CONCATENATED) ==
             LZMA_OK;
  }
  ~Decoder() { lzma_end(&stream_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  [[nodiscard]] Result<Bytes> Decode(ByteView encoded, std::uint64_t ceiling) {
    Bytes out;
    stream_.next_in = encoded.data();
    stream_.avail_in = encoded.size();
    lzma_ret status = ready_ ? LZMA_OK : LZMA_PROG_ERROR;
    while (status == LZMA_OK) {
      const std::size_t before = out.size();
      if (before >= ceiling) {
        return Fail(ErrorCode::kLimit, "the decoded index is over the limit");
      }
      const auto room = static_cast<std::size_t>(
          std::min<std::uint64_t>(kStep, ceiling - before));
      out.resize(before + room);
      stream_.next_out = out.data() + before;
      stream_.avail_out = room;
      status = lzma_code(&stream_, LZMA_FINISH);
      out.resize(before + room - stream_.avail_out);
    }
    if (status != LZMA_STREAM_END) {
      return Fail(ErrorCode::kMalformed, "the index is no whole .xz file");
    }
    return out;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

}  // namespace

Result<Bytes> DecodeXz(ByteView encoded, std::uint64_t ceiling) {
  Decoder decoder;
  return decoder.Decode(encoded, ceiling);
}

}  // namespace assay::signatures
