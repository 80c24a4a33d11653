// xz: one or more streams with stream padding between them; their contents
// follow one another (The .xz File Format 1.1.0, section 2). liblzma verifies
// every block's check and the index. Padding after the last stream is left to
// the caller.

#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <optional>

#include "verifier/base/crc32.h"
#include "verifier/formats/codecs/codec_stream.h"
#include "verifier/formats/codecs/xz_extent.h"

namespace assay::formats {
namespace {

constexpr std::uint64_t kMemory = 512ULL << 20U;
constexpr std::uint64_t kMemoryPerThread = 48ULL << 20U;
// Input that is decoded is given back in pieces of this size.
constexpr std::uint64_t kReleased = 4ULL << 20U;

// The .xz File Format 1.1.0, section 2.1.1.
struct Header {
  Be32 magic;      // FD "7zX"
  Be16 magic_end;  // "Z" 00
  Be16 flags;
  Le32 flags_crc;
};
static_assert(sizeof(Header) == 12 && FileStruct<Header>);

bool Matches(ByteView head) {
  const auto header = ReadAt<Header>(head, 0);
  return header && header->magic == 0xfd377a58U &&
         header->magic_end == 0x5a00U && header->flags <= 0x000fU &&
         Crc32(BytesOf(header->flags)) == header->flags_crc;
}

// How much stream padding precedes the stream that comes next; nothing when
// no stream comes. Zeros up to the peek limit are looked through.
std::optional<std::size_t> PaddingBeforeStream(ByteView in) {
  const auto content =
      std::find_if(in.begin(), in.end(), [](auto byte) { return byte != 0; });
  const auto padding = static_cast<std::size_t>(content - in.begin());
  if (padding % 4 != 0 || !Matches(in.subspan(padding))) {
    return std::nullopt;
  }
  return padding;
}

Error Explain(lzma_ret code) {
  switch (code) {
    case LZMA_MEMLIMIT_ERROR:
      return {ErrorCode::kLimit,
              fmt::format("needs more than {} MiB", kMemory >> 20U)};
    case LZMA_MEM_ERROR:
      return {ErrorCode::kLimit, "no memory"};
    case LZMA_OPTIONS_ERROR:
      return {ErrorCode::kUnsupported, "an unknown filter or option"};
    case LZMA_UNSUPPORTED_CHECK:
      return {ErrorCode::kUnsupported,
              "the integrity check has an unknown type and was not verified"};
    default:
      return {ErrorCode::kMalformed, "damaged block, index or check"};
  }
}

// liblzma's state for one stream.
class Decoder {
 public:
  Decoder() = default;
  ~Decoder() { lzma_end(&state_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Begins a stream; `threads` above 1 decodes blocks side by side.
  lzma_ret Begin(std::uint32_t threads) {
    unknown_check_ = false;
    if (threads <= 1) {
      return lzma_stream_decoder(&state_, kMemory, LZMA_TELL_UNSUPPORTED_CHECK);
    }
    lzma_mt options = {};
    options.flags = LZMA_TELL_UNSUPPORTED_CHECK;
    options.threads = threads;
    options.memlimit_threading = std::min(kMemory, kMemoryPerThread * threads);
    options.memlimit_stop = kMemory;
    return lzma_stream_decoder_mt(&state_, &options);
  }

  struct Progress {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    lzma_ret code = LZMA_OK;
  };

  Progress Run(ByteView in, std::span<std::uint8_t> out) {
    state_.next_in = in.data();
    state_.avail_in = in.size();
    state_.next_out = out.data();
    state_.avail_out = out.size();
    lzma_ret code = LZMA_OK;
    do {
      code = lzma_code(&state_, in.empty() ? LZMA_FINISH : LZMA_RUN);
      unknown_check_ = unknown_check_ || code == LZMA_UNSUPPORTED_CHECK;
    } while (code == LZMA_UNSUPPORTED_CHECK);
    if (code == LZMA_STREAM_END && unknown_check_) {
      code = LZMA_UNSUPPORTED_CHECK;  // after all content has been put out
    }
    if (code == LZMA_BUF_ERROR) {
      code = LZMA_OK;  // no progress; the caller knows what that means
    }
    return {in.size() - state_.avail_in, out.size() - state_.avail_out, code};
  }

 private:
  lzma_stream state_ = LZMA_STREAM_INIT;
  bool unknown_check_ = false;
};

class XzStream : public CodecStream {
 public:
  explicit XzStream(Input& input) : CodecStream(input, "xz") {}

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    if (!in_stream_) {
      const auto padding = PaddingBeforeStream(in);
      if (!padding) {
        return {.done = true};
      }
      if (*padding > 0) {
        return {.consumed = *padding};
      }
      if (const lzma_ret code = decoder_.Begin(1); code != LZMA_OK) {
        return {.error = Explain(code)};
      }
      in_stream_ = true;
    }
    const auto [consumed, produced, code] = decoder_.Run(in, out);
    Step step{.consumed = consumed, .produced = produced};
    if (code == LZMA_STREAM_END) {
      in_stream_ = false;
    } else if (code != LZMA_OK) {
      step.error = Explain(code);
    }
    return step;
  }

 private:
  Decoder decoder_;
  bool in_stream_ = false;
};

// The same for bytes at rest, on several threads where a stream states the
// sizes of its blocks. How far threads got is never visible: the input passes
// such a stream as a whole, by its headers, and what follows the first error
// is decoded again by one thread, whose errors are the same on every machine.
class RestingXzStream : public ByteStream {
 public:
  RestingXzStream(Input& input, std::uint32_t threads)
      : input_(input), threads_(threads), serial_(input) {}

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (filled == 0 && !into.empty()) {
      switch (state_) {
        case State::kBetween:
          Begin();
          break;
        case State::kStream:
          filled = Decode(into);
          break;
        case State::kReplay: {
          const auto count = Replay(into);
          if (!count) {
            return count;
          }
          filled = *count;
          break;
        }
        case State::kSerial:
          return serial_.Read(into);
        case State::kDone:
          return 0;
      }
    }
    return filled;
  }

 private:
  enum class State { kBetween, kStream, kReplay, kSerial, kDone };

  void Begin() {
    const auto head = input_.Peek(Input::kPeekLimit);
    const auto padding = head ? PaddingBeforeStream(*head) : std::nullopt;
    if (!padding || !input_.Skip(*padding)) {
      state_ = State::kDone;
      return;
    }
    const ByteView rest = input_.source().From(input_.position()).bytes();
    const auto extent = XzStreamExtent(rest);
    if (!extent || decoder_.Begin(threads_) != LZMA_OK) {
      state_ = State::kSerial;
      return;
    }
    start_ = input_.position();
    read_ = start_;
    released_ = start_;
    stream_ = rest.first(static_cast<std::size_t>(*extent));
    produced_ = 0;
    state_ = input_.Skip(*extent) ? State::kStream : State::kDone;
  }

  // Fills `out`, but for the end of the stream or an error.
  std::size_t Decode(std::span<std::uint8_t> out) {
    std::size_t filled = 0;
    while (filled < out.size() && state_ == State::kStream) {
      const auto [consumed, produced, code] =
          decoder_.Run(stream_, out.subspan(filled));
      stream_ = stream_.subspan(consumed);
      filled += produced;
      ReleaseUpTo(read_ + consumed);
      if (code == LZMA_STREAM_END && stream_.empty()) {
        state_ = State::kBetween;
      } else if (code != LZMA_OK || (consumed == 0 && produced == 0)) {
        state_ = State::kReplay;
      }
    }
    produced_ += filled;
    return filled;
  }

  void ReleaseUpTo(std::uint64_t read) {
    read_ = read;
    if (read_ - released_ > kReleased) {
      input_.source().Slice({released_, read_ - released_})->Release();
      released_ = read_;
    }
  }

  // One thread begins where the stream does: what was handed out of it
  // already is passed.
  Result<std::size_t> Replay(std::span<std::uint8_t> into) {
    if (!replay_) {
      const std::uint64_t end = input_.position();
      replay_input_.emplace(*input_.source().Slice({0, end}));
      if (auto ok = replay_input_->Skip(start_); !ok) {
        return Fail(ok.error());
      }
      replay_.emplace(*replay_input_);
    }
    while (true) {
      const bool again = produced_ > 0;
      const auto count = replay_->Read(
          again ? into.first(static_cast<std::size_t>(
                      std::min<std::uint64_t>(into.size(), produced_)))
                : into);
      if (count && *count > 0 && again) {
        produced_ -= *count;
        continue;
      }
      if (count && *count == 0) {
        replay_.reset();
        state_ = State::kBetween;
      }
      return count;
    }
  }

  Input& input_;
  std::uint32_t threads_;
  XzStream serial_;
  Decoder decoder_;
  State state_ = State::kBetween;
  std::uint64_t start_ = 0;     // of the current stream
  std::uint64_t read_ = 0;      // up to here it was decoded
  std::uint64_t released_ = 0;  // and up to here its memory given back
  ByteView stream_;             // what is left to decode of it
  std::uint64_t produced_ = 0;  // of it
  std::optional<Input> replay_input_;
  std::optional<XzStream> replay_;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no xz stream header");
  }
  Input input(ByteSource::Borrow(bytes));
  XzStream stream(input);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  const auto head = input.Peek(sizeof(Header));
  if (!head) {
    return Fail(head.error());
  }
  if (!Matches(*head)) {
    return Fail(ErrorCode::kMalformed, "no xz stream header");
  }
  if (input.at_rest()) {
    RestingXzStream stream(input, sink.limits().decoder_threads);
    return sink.AddStream({}, stream);
  }
  XzStream stream(input);
  return sink.AddStream({}, stream);
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {{std::string_view("\xfd"
                                               "7zXZ\0",
                                               6),
                              0}};

}  // namespace

extern const Format kXz;
const Format kXz = {
    .name = "xz",
    .title = "xz compressed data",
    .reference = "The .xz File Format 1.1.0",
    .magics = kMagics,
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
