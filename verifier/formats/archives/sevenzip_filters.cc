#include "verifier/formats/archives/sevenzip_filters.h"

#include <bzlib.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/formats/archives/pump_stream.h"
#include "verifier/formats/codecs/lzma_decoder.h"

namespace assay::formats::sevenzip {
namespace {

constexpr std::size_t kMostPiece = 1UL << 30U;  // libraries count in 32 bits

class SourceStream : public ByteStream {
 public:
  explicit SourceStream(ByteSource source) : source_(std::move(source)) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    const ByteView rest = source_.From(at_).bytes();
    const std::size_t count = std::min(rest.size(), into.size());
    std::copy_n(rest.begin(), count, into.begin());
    at_ += count;
    return count;
  }

 private:
  ByteSource source_;
  std::uint64_t at_ = 0;
};

class SizedStream : public ByteStream {
 public:
  SizedStream(StreamPtr inner, std::uint64_t size, bool exact)
      : inner_(std::move(inner)), left_(size), exact_(exact) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    const auto room = into.first(
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
    if (room.empty()) {
      return into.empty() || !exact_ ? Result<std::size_t>(0U) : ReadPastEnd();
    }
    const auto count = inner_->Read(room);
    if (count && *count == 0) {
      return Fail(ErrorCode::kTruncated,
                  fmt::format("{} bytes are missing at the end", left_));
    }
    left_ -= count.value_or(0);
    return count;
  }

 private:
  // Decoders verify their ends only when more is asked of them.
  Result<std::size_t> ReadPastEnd() {
    std::array<std::uint8_t, 1> probe = {};
    const auto count = inner_->Read(probe);
    if (count && *count > 0) {
      return Fail(ErrorCode::kMalformed,
                  "a coder gives more than the header says");
    }
    return count;
  }

  StreamPtr inner_;
  std::uint64_t left_;
  bool exact_;
};

// liblzma without any frame.
class LzmaPump : public PumpStream {
 public:
  using PumpStream::PumpStream;

  Result<void> Begin(std::span<const lzma_filter> filters) {
    if (lzma_raw_decoder_memusage(filters.data()) > kLzmaMemory) {
      const Error error =
          lzma_raw_decoder_memusage(filters.data()) == UINT64_MAX
              ? ExplainLzma(LZMA_OPTIONS_ERROR)
              : ExplainLzma(LZMA_MEMLIMIT_ERROR);
      return Fail(error);
    }
    const lzma_ret code = decoder_.BeginRaw(filters);
    return code == LZMA_OK ? Result<void>() : Fail(ExplainLzma(code));
  }

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    const auto [consumed, produced, code] = decoder_.Run(in, out);
    Step step{.consumed = consumed, .produced = produced};
    step.done = code == LZMA_STREAM_END;
    if (code != LZMA_OK && !step.done) {
      step.error = ExplainLzma(code);
    }
    return step;
  }

 private:
  LzmaDecoder decoder_;
};

// Wraps bytes into LZMA2 chunks without compression, so that liblzma, which
// filters only what LZMA decodes, filters them.
class ChunkStream : public ByteStream {
 public:
  explicit ChunkStream(StreamPtr inner) : inner_(std::move(inner)) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && !error_) {
      if (at_ == chunk_.size()) {
        if (ended_) {
          break;
        }
        NextChunk();
        continue;
      }
      const std::size_t count =
          std::min(chunk_.size() - at_, into.size() - filled);
      std::copy_n(chunk_.begin() + static_cast<std::ptrdiff_t>(at_), count,
                  into.subspan(filled).begin());
      at_ += count;
      filled += count;
    }
    if (filled == 0 && error_) {
      return Fail(*error_);
    }
    return filled;
  }

 private:
  static constexpr std::size_t kHeader = 3;
  static constexpr std::size_t kChunk = 32UL << 10U;

  // Control byte (1: dictionary reset, 2: none, 0: the end) and size less 1.
  void NextChunk() {
    chunk_.resize(kHeader + kChunk);
    at_ = 0;
    const auto count = inner_->Read(std::span(chunk_).subspan(kHeader));
    if (!count) {
      error_ = count.error();
      chunk_.clear();
      return;
    }
    ended_ = *count == 0;
    chunk_.resize(ended_ ? 1 : kHeader + *count);
    chunk_[0] = ended_ ? 0 : first_ ? 1 : 2;
    if (!ended_) {
      chunk_[1] = static_cast<std::uint8_t>((*count - 1) >> 8U);
      chunk_[2] = static_cast<std::uint8_t>((*count - 1) & 0xffU);
    }
    first_ = false;
  }

  StreamPtr inner_;
  Bytes chunk_;
  std::size_t at_ = 0;
  bool first_ = true;
  bool ended_ = false;
  std::optional<Error> error_;
};

class DeflatePump : public PumpStream {
 public:
  explicit DeflatePump(StreamPtr inner)
      : PumpStream(std::move(inner), "deflate") {}
  ~DeflatePump() override { inflateEnd(&state_); }
  DeflatePump(const DeflatePump&) = delete;
  DeflatePump& operator=(const DeflatePump&) = delete;

  bool Begin() { return inflateInit2(&state_, -MAX_WBITS) == Z_OK; }

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    // The library's input pointer lacks the const; it only reads.
    state_.next_in = const_cast<std::uint8_t*>(in.data());  // NOLINT
    state_.avail_in = static_cast<uInt>(in.size());
    state_.next_out = out.data();
    const auto room = static_cast<uInt>(std::min(out.size(), kMostPiece));
    state_.avail_out = room;
    const int code = inflate(&state_, Z_NO_FLUSH);
    Step step{.consumed = in.size() - state_.avail_in,
              .produced = room - state_.avail_out,
              .done = code == Z_STREAM_END};
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      step.error = Error{ErrorCode::kMalformed, "damaged data"};
    }
    return step;
  }

 private:
  z_stream state_ = {};
};

class Bzip2Pump : public PumpStream {
 public:
  explicit Bzip2Pump(StreamPtr inner) : PumpStream(std::move(inner), "bzip2") {}
  ~Bzip2Pump() override { BZ2_bzDecompressEnd(&state_); }
  Bzip2Pump(const Bzip2Pump&) = delete;
  Bzip2Pump& operator=(const Bzip2Pump&) = delete;

  bool Begin() { return BZ2_bzDecompressInit(&state_, 0, 0) == BZ_OK; }

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    // The library's input pointer lacks the const; it only reads.
    state_.next_in = static_cast<char*>(
        static_cast<void*>(const_cast<std::uint8_t*>(in.data())));  // NOLINT
    state_.avail_in = static_cast<unsigned>(in.size());
    state_.next_out = static_cast<char*>(static_cast<void*>(out.data()));
    const auto room = static_cast<unsigned>(std::min(out.size(), kMostPiece));
    state_.avail_out = room;
    const int code = BZ2_bzDecompress(&state_);
    Step step{.consumed = in.size() - state_.avail_in,
              .produced = room - state_.avail_out,
              .done = code == BZ_STREAM_END};
    if (code != BZ_OK && code != BZ_STREAM_END) {
      step.error = Error{ErrorCode::kMalformed, "damaged block or CRC"};
    }
    return step;
  }

 private:
  bz_stream state_ = {};
};

// A dictionary need not be larger than what is decoded.
std::uint32_t Dictionary(std::uint64_t stated, std::uint64_t size) {
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(std::min(stated, size), LZMA_DICT_SIZE_MIN));
}

Result<StreamPtr> Begin(StreamPtr inner, std::string name,
                        std::span<const lzma_filter> chain) {
  auto pump = std::make_unique<LzmaPump>(std::move(inner), std::move(name));
  if (auto ok = pump->Begin(chain); !ok) {
    return Fail(ok.error());
  }
  return pump;
}

}  // namespace

StreamPtr MakeSourceStream(ByteSource source) {
  return std::make_unique<SourceStream>(std::move(source));
}

StreamPtr MakeSizedStream(StreamPtr inner, std::uint64_t size, bool exact) {
  return std::make_unique<SizedStream>(std::move(inner), size, exact);
}

Result<StreamPtr> MakeLzma(StreamPtr inner, ByteView properties,
                           std::uint64_t size) {
  struct Properties {
    std::uint8_t literals = 0;  // (pb * 5 + lp) * 9 + lc
    Le32 dictionary;
  };
  const auto stored = ReadAt<Properties>(properties, 0);
  if (!stored || stored->literals >= 9 * 5 * 5) {
    return Fail(ErrorCode::kMalformed, "damaged LZMA properties");
  }
  lzma_options_lzma options = {};
  options.dict_size = Dictionary(stored->dictionary, size);
  options.lc = stored->literals % 9U;
  options.lp = stored->literals / 9U % 5U;
  options.pb = stored->literals / 45U;
  options.ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
  lzma_set_ext_size(options, size);
  const std::array<lzma_filter, 2> chain = {
      {{LZMA_FILTER_LZMA1EXT, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
  return Begin(std::move(inner), "LZMA", chain);
}

Result<StreamPtr> MakeLzma2(StreamPtr inner, ByteView properties,
                            std::uint64_t size) {
  // 2^n or 2^n + 2^(n-1), from 4 KiB; 40 is 4 GiB less one.
  const unsigned code = properties.empty() ? 41U : properties.front();
  if (code > 40) {
    return Fail(ErrorCode::kMalformed, "damaged LZMA2 properties");
  }
  const std::uint64_t stated = (2ULL | (code & 1U)) << (code / 2 + 11U);
  lzma_options_lzma options = {};
  options.dict_size =
      Dictionary(std::min<std::uint64_t>(stated, UINT32_MAX), size);
  const std::array<lzma_filter, 2> chain = {
      {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
  return Begin(std::move(inner), "LZMA2", chain);
}

Result<StreamPtr> MakeSimpleFilter(StreamPtr inner, std::uint64_t filter,
                                   std::uint32_t option) {
  lzma_options_delta delta = {};
  delta.type = LZMA_DELTA_TYPE_BYTE;
  delta.dist = option;
  lzma_options_bcj bcj = {};
  bcj.start_offset = option;
  lzma_options_lzma lzma2 = {};
  lzma2.dict_size = LZMA_DICT_SIZE_MIN;
  void* options = &bcj;
  if (filter == LZMA_FILTER_DELTA) {
    options = &delta;
  }
  const std::array<lzma_filter, 3> chain = {{{filter, options},
                                             {LZMA_FILTER_LZMA2, &lzma2},
                                             {LZMA_VLI_UNKNOWN, nullptr}}};
  return Begin(std::make_unique<ChunkStream>(std::move(inner)), "filter",
               chain);
}

Result<StreamPtr> MakeDeflate(StreamPtr inner) {
  auto pump = std::make_unique<DeflatePump>(std::move(inner));
  if (!pump->Begin()) {
    return Fail(ErrorCode::kLimit, "no memory");
  }
  return pump;
}

Result<StreamPtr> MakeBzip2(StreamPtr inner) {
  auto pump = std::make_unique<Bzip2Pump>(std::move(inner));
  if (!pump->Begin()) {
    return Fail(ErrorCode::kLimit, "no memory");
  }
  return pump;
}

}  // namespace assay::formats::sevenzip
