#include "verifier/formats/firmware/packed_stream.h"

#include <brotli/decode.h>
#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <array>
#include <string>

namespace assay::formats {
namespace {

constexpr std::uint32_t kLargestDictionary = 128U << 20U;

// A decoder that turns the rest of `packed_` into the next bytes.
class PackedStream : public ByteStream {
 public:
  explicit PackedStream(ByteView packed) : packed_(packed) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) final {
    std::size_t done = 0;
    while (!error_ && !ended_ && done < into.size()) {
      const std::size_t before = packed_.size();
      const std::size_t count = Step(into.subspan(done));
      done += count;
      if (!error_ && !ended_ && count == 0 && packed_.size() == before) {
        error_ = Error{ErrorCode::kTruncated,
                       "the packed data end before the content does"};
      }
    }
    if (error_ && done == 0) {
      return Fail(*error_);
    }
    return done;
  }

 protected:
  // Decodes some bytes, cuts off packed_ what it took, and says whether the
  // end came.
  [[nodiscard]] virtual std::size_t Step(std::span<std::uint8_t> into) = 0;

  void Damaged(std::string what) {
    error_ = Error{ErrorCode::kMalformed, std::move(what)};
  }

  ByteView packed_;
  bool ended_ = false;
  std::optional<Error> error_;
};

class LzmaStream : public PackedStream {
 public:
  LzmaStream(ByteView packed, bool x86) : PackedStream(packed) {
    const auto header = LzmaHeaderOf(packed);
    if (!header) {
      Damaged("no plausible LZMA header");
      return;
    }
    packed_ = packed.subspan(sizeof(LzmaHeader));
    ended_ = header->size == 0;
    options_.dict_size =
        std::max<std::uint32_t>(header->dictionary, LZMA_DICT_SIZE_MIN);
    options_.lc = header->properties % 9U;
    options_.lp = header->properties / 9U % 5U;
    options_.pb = header->properties / 45U;
    options_.ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
    lzma_set_ext_size(options_, header->size);
    std::array<lzma_filter, 3> chain = {{{LZMA_FILTER_X86, nullptr},
                                         {LZMA_FILTER_LZMA1EXT, &options_},
                                         {LZMA_VLI_UNKNOWN, nullptr}}};
    if (lzma_raw_decoder(&state_, x86 ? chain.data() : &chain[1]) != LZMA_OK) {
      Damaged("LZMA options that are not supported");
    }
  }
  ~LzmaStream() override { lzma_end(&state_); }
  LzmaStream(const LzmaStream&) = delete;
  LzmaStream& operator=(const LzmaStream&) = delete;

 protected:
  std::size_t Step(std::span<std::uint8_t> into) override {
    state_.next_in = packed_.data();
    state_.avail_in = packed_.size();
    state_.next_out = into.data();
    state_.avail_out = into.size();
    const lzma_ret code = lzma_code(&state_, LZMA_RUN);
    packed_ = packed_.last(state_.avail_in);
    if (code == LZMA_STREAM_END) {
      ended_ = true;
    } else if (code != LZMA_OK && code != LZMA_BUF_ERROR) {
      Damaged("the LZMA data are damaged");
    }
    return into.size() - state_.avail_out;
  }

 private:
  lzma_stream state_ = LZMA_STREAM_INIT;
  lzma_options_lzma options_ = {};
};

class BrotliStream : public PackedStream {
 public:
  explicit BrotliStream(ByteView packed)
      : PackedStream(packed),
        state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) {
      error_ = Error{ErrorCode::kLimit, "no memory for Brotli"};
    }
  }

 protected:
  std::size_t Step(std::span<std::uint8_t> into) override {
    std::size_t left = packed_.size();
    const std::uint8_t* next = packed_.data();
    std::size_t room = into.size();
    std::uint8_t* out = into.data();
    const BrotliDecoderResult result = BrotliDecoderDecompressStream(
        state_.get(), &left, &next, &room, &out, nullptr);
    packed_ = packed_.last(left);
    if (result == BROTLI_DECODER_RESULT_SUCCESS) {
      ended_ = true;
    } else if (result == BROTLI_DECODER_RESULT_ERROR) {
      Damaged("the Brotli data are damaged");
    }
    return into.size() - room;
  }

 private:
  struct Free {
    void operator()(BrotliDecoderState* state) const {
      BrotliDecoderDestroyInstance(state);
    }
  };
  std::unique_ptr<BrotliDecoderState, Free> state_;
};

}  // namespace

std::optional<LzmaHeader> LzmaHeaderOf(ByteView bytes) {
  constexpr std::uint8_t kPropertiesEnd = 9 * 5 * 5;
  constexpr std::uint64_t kLargest = 1ULL << 40U;
  const auto header = ReadAt<LzmaHeader>(bytes, 0);
  if (!header || header->properties >= kPropertiesEnd ||
      header->dictionary > kLargestDictionary || header->size > kLargest) {
    return std::nullopt;
  }
  return header;
}

std::unique_ptr<ByteStream> OpenLzma(ByteView packed, bool x86) {
  return std::make_unique<LzmaStream>(packed, x86);
}

std::unique_ptr<ByteStream> OpenBrotli(ByteView packed) {
  return std::make_unique<BrotliStream>(packed);
}

}  // namespace assay::formats
