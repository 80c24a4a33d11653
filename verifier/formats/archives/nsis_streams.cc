#include "verifier/formats/archives/nsis_streams.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "verifier/formats/archives/nsis_bzip2.h"
#include "verifier/formats/codecs/lzma_decoder.h"

namespace assay::formats::nsis {
namespace {

constexpr std::uint64_t kProperties = 5;

class CopyStream : public ByteStream {
 public:
  explicit CopyStream(ByteView bytes) : bytes_(bytes) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size());
    std::copy_n(bytes_.begin(), count, into.begin());
    bytes_ = bytes_.subspan(count);
    return count;
  }

 private:
  ByteView bytes_;
};

// A decoder that is asked until it has filled what is wanted.
class SteppingStream : public ByteStream {
 public:
  Result<std::size_t> Read(std::span<std::uint8_t> into) final {
    std::size_t filled = 0;
    while (!done_ && !error_ && filled < into.size()) {
      filled += Step(into.subspan(filled));
    }
    return error_ && filled == 0 ? Result<std::size_t>(Fail(*error_))
                                 : Result<std::size_t>(filled);
  }

 protected:
  // Returns how many bytes were made; calls End or Stop when there are no more.
  [[nodiscard]] virtual std::size_t Step(std::span<std::uint8_t> out) = 0;
  void End() { done_ = true; }
  void Stop(Error error) { error_ = std::move(error); }

 private:
  bool done_ = false;
  std::optional<Error> error_;
};

class LzmaStream : public SteppingStream {
 public:
  LzmaStream(ByteView packed, bool filtered) : packed_(packed) {
    const auto properties = ReadAt<std::uint8_t>(packed, 0);
    const auto dictionary = ReadAt<Le32>(packed, 1);
    constexpr unsigned kMostProperties = 9 * 5 * 5;
    constexpr std::uint32_t kMostDictionary = 1U << 27U;
    if (!dictionary || *properties >= kMostProperties) {
      Stop(ExplainLzma(LZMA_FORMAT_ERROR));
      return;
    }
    if (*dictionary > kMostDictionary) {
      Stop(ExplainLzma(LZMA_MEMLIMIT_ERROR));
      return;
    }
    options_.dict_size = std::max<std::uint32_t>(*dictionary, 4096);
    options_.lc = *properties % 9U;
    options_.lp = *properties / 9U % 5U;
    options_.pb = *properties / 45U;
    const lzma_filter lzma{LZMA_FILTER_LZMA1, &options_};
    const lzma_filter end{LZMA_VLI_UNKNOWN, nullptr};
    const std::array<lzma_filter, 3> filters =
        filtered ? std::array<lzma_filter, 3>{{{LZMA_FILTER_X86, nullptr},
                                               lzma,
                                               end}}
                 : std::array<lzma_filter, 3>{{lzma, end, end}};
    if (const auto code = decoder_.BeginRaw(filters); code != LZMA_OK) {
      Stop(ExplainLzma(code));
    }
    packed_ = packed.subspan(kProperties);
  }

 protected:
  std::size_t Step(std::span<std::uint8_t> out) override {
    const auto progress = decoder_.Run(packed_, out);
    packed_ = packed_.subspan(progress.consumed);
    if (progress.code == LZMA_STREAM_END) {
      End();
    } else if (progress.code != LZMA_OK) {
      Stop(ExplainLzma(progress.code));
    } else if (progress.consumed == 0 && progress.produced == 0) {
      Stop({ErrorCode::kTruncated, "nsis: LZMA data are cut short"});
    }
    return progress.produced;
  }

 private:
  ByteView packed_;
  lzma_options_lzma options_ = {};
  LzmaDecoder decoder_;
};

class DeflateStream : public SteppingStream {
 public:
  explicit DeflateStream(ByteView packed)
      : packed_(packed), ready_(inflateInit2(&state_, -MAX_WBITS) == Z_OK) {}
  ~DeflateStream() override { inflateEnd(&state_); }
  DeflateStream(const DeflateStream&) = delete;
  DeflateStream& operator=(const DeflateStream&) = delete;

 protected:
  std::size_t Step(std::span<std::uint8_t> out) override {
    if (!ready_) {
      Stop({ErrorCode::kLimit, "nsis: no memory"});
      return 0;
    }
    constexpr std::size_t kMost = 1UL << 30U;
    const auto given = static_cast<uInt>(std::min(packed_.size(), kMost));
    const auto room = static_cast<uInt>(std::min(out.size(), kMost));
    // The library's input pointer lacks the const; it only reads.
    state_.next_in = const_cast<std::uint8_t*>(packed_.data());  // NOLINT
    state_.avail_in = given;
    state_.next_out = out.data();
    state_.avail_out = room;
    const int code = inflate(&state_, Z_NO_FLUSH);
    const std::size_t consumed = given - state_.avail_in;
    packed_ = packed_.subspan(consumed);
    if (code == Z_STREAM_END) {
      End();
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      Stop({ErrorCode::kMalformed, "nsis: damaged deflate data"});
    } else if (consumed == 0 && state_.avail_out == room) {
      Stop({ErrorCode::kTruncated, "nsis: deflate data are cut short"});
    }
    return room - state_.avail_out;
  }

 private:
  ByteView packed_;
  z_stream state_ = {};
  bool ready_;
};

bool LooksLikeLzma(ByteView bytes) {
  const auto head = Slice(bytes, 0, kProperties + 2);
  return head && (*head)[0] == 0x5D && (*head)[1] == 0 && (*head)[2] == 0 &&
         (*head)[5] == 0 && ((*head)[6] & 0x80U) == 0;
}

}  // namespace

Packing PackingOf(ByteView bytes) {
  if (LooksLikeLzma(bytes)) {
    return Packing::kLzma;
  }
  if (bytes.size() > 1 && bytes[0] <= 1 && LooksLikeLzma(bytes.subspan(1))) {
    return Packing::kFilteredLzma;
  }
  constexpr std::uint8_t kBlock = 0x31, kMostOrigin = 14;
  return bytes.size() > 1 && bytes[0] == kBlock && bytes[1] < kMostOrigin
             ? Packing::kBzip2
             : Packing::kDeflate;
}

std::unique_ptr<ByteStream> Unpacked(Packing packing, ByteView packed) {
  switch (packing) {
    case Packing::kDeflate:
      return std::make_unique<DeflateStream>(packed);
    case Packing::kLzma:
      return std::make_unique<LzmaStream>(packed, false);
    case Packing::kFilteredLzma:
      return std::make_unique<LzmaStream>(
          packed.subspan(packed.empty() ? 0 : 1),
          !packed.empty() && packed[0] == 1);
    case Packing::kBzip2:
      return std::make_unique<Bzip2Stream>(packed);
    case Packing::kNone:
      break;
  }
  return std::make_unique<CopyStream>(packed);
}

}  // namespace assay::formats::nsis
