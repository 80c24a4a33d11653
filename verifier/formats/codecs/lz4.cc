// LZ4: frames, skippable frames and legacy frames, whose contents follow one
// another (LZ4 Frame Format 1.6.3). liblz4 verifies the checksums of frames.
//
// A legacy frame is a magic and blocks of at most 8 MiB, each with its
// encoded size; it has no end mark and no checksum. Only its last block may
// decode to less than 8 MiB, so it ends after the first that does, or where
// the next size is none that a block could have (a kernel's own size, the
// next frame's magic).
//
// Skippable frames in front are claimed as metadata; between and after frames
// they belong to the member's extent.

#include <lz4.h>
#include <lz4frame.h>

#include <algorithm>
#include <memory>

#include "verifier/formats/codecs/codec_stream.h"
#include "verifier/formats/codecs/skippable_frame.h"

namespace assay::formats {
namespace {

constexpr std::uint32_t kFrameMagic = 0x184d2204;
constexpr std::uint32_t kLegacyMagic = 0x184c2102;
constexpr std::uint32_t kLegacyBlock = 8U << 20U;
constexpr std::uint32_t kMostLegacySize =
    kLegacyBlock + kLegacyBlock / 255 + 16;  // LZ4_compressBound

struct FreeContext {
  void operator()(LZ4F_dctx* context) const {
    LZ4F_freeDecompressionContext(context);
  }
};
using Context = std::unique_ptr<LZ4F_dctx, FreeContext>;

Context NewContext() {
  LZ4F_dctx* context = nullptr;
  return LZ4F_isError(
             LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0U
             ? nullptr
             : Context(context);
}

bool HasMagicNumber(ByteView in, std::uint32_t number) {
  const auto magic = ReadAt<Le32>(in, 0);
  return magic && *magic == number;
}

// Whether the frame descriptor is intact; it has a checksum of one byte.
bool IsSaneFrame(ByteView in) {
  if (!HasMagicNumber(in, kFrameMagic)) {
    return false;
  }
  const Context context = NewContext();
  LZ4F_frameInfo_t info = {};
  std::size_t size = in.size();
  return context != nullptr &&
         LZ4F_isError(
             LZ4F_getFrameInfo(context.get(), &info, in.data(), &size)) == 0;
}

// The encoded size of the legacy block at `in`, or 0.
std::uint32_t LegacyBlockSize(ByteView in) {
  const auto size = ReadAt<Le32>(in, 0);
  return size && *size <= kMostLegacySize ? std::uint32_t{*size} : 0;
}

bool IsSaneLegacyFrame(ByteView in) {
  return HasMagicNumber(in, kLegacyMagic) &&
         LegacyBlockSize(in.subspan(sizeof(Le32))) > 0;
}

bool Matches(ByteView head) {
  head = AfterSkippableFrames(head);
  return IsSaneFrame(head) || IsSaneLegacyFrame(head);
}

class Lz4Stream : public CodecStream {
 public:
  explicit Lz4Stream(Input& input) : CodecStream(input, "lz4") {}

  [[nodiscard]] SkippedFrames& skipped() { return skipped_; }

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    switch (state_) {
      case State::kFrame:
        return DecodeFrame(in, out);
      case State::kLegacy:
        return DecodeLegacy(in, out);
      case State::kSkippable:
        return Skip(in);
      case State::kBetween:
        break;
    }
    return Start(in, out);
  }

 private:
  enum class State { kBetween, kSkippable, kFrame, kLegacy };

  Step Start(ByteView in, std::span<std::uint8_t> out) {
    if (const auto length = SkippableFrame(in)) {
      skipped_.Note({position(), *length});
      to_skip_ = *length;
      state_ = State::kSkippable;
      return Skip(in);
    }
    if (IsSaneLegacyFrame(in)) {
      state_ = State::kLegacy;
      return {.consumed = sizeof(Le32)};
    }
    if (!HasMagicNumber(in, kFrameMagic)) {
      return {.done = true};
    }
    context_ = NewContext();
    if (context_ == nullptr) {
      return {.error = Error{ErrorCode::kLimit, "no memory"}};
    }
    wanted_ = LZ4F_HEADER_SIZE_MIN;
    state_ = State::kFrame;
    return DecodeFrame(in, out);
  }

  Step Skip(ByteView in) {
    const auto count = std::min<std::uint64_t>(to_skip_, in.size());
    to_skip_ -= count;
    if (to_skip_ == 0) {
      state_ = State::kBetween;
    }
    return {.consumed = static_cast<std::size_t>(count)};
  }

  // One block at a time: with an error the library does not say how much it
  // had put out before.
  Step DecodeFrame(ByteView in, std::span<std::uint8_t> out) {
    std::size_t produced = out.size();
    std::size_t consumed = std::min(in.size(), wanted_);
    wanted_ = LZ4F_decompress(context_.get(), out.data(), &produced, in.data(),
                              &consumed, nullptr);
    if (LZ4F_isError(wanted_) != 0U) {
      return {.error =
                  Error{ErrorCode::kMalformed, LZ4F_getErrorName(wanted_)}};
    }
    if (wanted_ == 0) {
      state_ = State::kBetween;
    }
    return {.consumed = consumed, .produced = produced};
  }

  Step DecodeLegacy(ByteView in, std::span<std::uint8_t> out) {
    if (handed_out_ < decoded_.size()) {
      return HandOut(out);
    }
    if (encoded_size_ > 0) {
      return TakeLegacyBlock(in);
    }
    encoded_size_ = LegacyBlockSize(in);
    if (encoded_size_ == 0) {
      state_ = State::kBetween;
      return Start(in, out);
    }
    return {.consumed = sizeof(Le32)};
  }

  Step TakeLegacyBlock(ByteView in) {
    const std::size_t count =
        std::min(in.size(), encoded_size_ - encoded_.size());
    encoded_.insert(encoded_.end(), in.begin(),
                    in.begin() + static_cast<std::ptrdiff_t>(count));
    if (encoded_.size() < encoded_size_) {
      return {.consumed = count};
    }
    decoded_.resize(kLegacyBlock);
    const int size = LZ4_decompress_safe(
        AsText(encoded_).data(),
        static_cast<char*>(static_cast<void*>(decoded_.data())),
        static_cast<int>(encoded_.size()), static_cast<int>(decoded_.size()));
    if (size <= 0) {
      return {.error = Error{ErrorCode::kMalformed, "damaged legacy block"}};
    }
    decoded_.resize(static_cast<std::size_t>(size));
    handed_out_ = 0;
    encoded_.clear();
    encoded_size_ = 0;
    return {.consumed = count};
  }

  Step HandOut(std::span<std::uint8_t> out) {
    const std::size_t count =
        std::min(out.size(), decoded_.size() - handed_out_);
    std::copy_n(decoded_.begin() + static_cast<std::ptrdiff_t>(handed_out_),
                count, out.begin());
    handed_out_ += count;
    if (handed_out_ == decoded_.size() && decoded_.size() < kLegacyBlock) {
      state_ = State::kBetween;  // only the last block is short
    }
    return {.produced = count};
  }

  State state_ = State::kBetween;
  std::uint64_t to_skip_ = 0;  // of a skippable frame
  SkippedFrames skipped_;
  Context context_;
  std::size_t wanted_ = 0;  // by the library
  // Of a legacy frame: the block's size (0: not yet read) and its bytes.
  std::size_t encoded_size_ = 0;
  Bytes encoded_;
  Bytes decoded_;
  std::size_t handed_out_ = 0;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no lz4 frame");
  }
  Input input(ByteSource::Borrow(bytes));
  Lz4Stream stream(input);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  Lz4Stream stream(input);
  if (auto ok = stream.skipped().PassLeading(input, sink); !ok) {
    return ok;
  }
  auto result = sink.AddStream({}, stream);
  stream.skipped().Report("lz4", sink);
  return result;
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {
    {"\x04\x22\x4d\x18", 0}, {"\x02\x21\x4c\x18", 0}, {"\x50\x2a\x4d\x18", 0},
    {"\x51\x2a\x4d\x18", 0}, {"\x52\x2a\x4d\x18", 0}, {"\x53\x2a\x4d\x18", 0},
    {"\x54\x2a\x4d\x18", 0}, {"\x55\x2a\x4d\x18", 0}, {"\x56\x2a\x4d\x18", 0},
    {"\x57\x2a\x4d\x18", 0}, {"\x58\x2a\x4d\x18", 0}, {"\x59\x2a\x4d\x18", 0},
    {"\x5a\x2a\x4d\x18", 0}, {"\x5b\x2a\x4d\x18", 0}, {"\x5c\x2a\x4d\x18", 0},
    {"\x5d\x2a\x4d\x18", 0}, {"\x5e\x2a\x4d\x18", 0}, {"\x5f\x2a\x4d\x18", 0}};

}  // namespace

extern const Format kLz4;
const Format kLz4 = {
    .name = "lz4",
    .title = "LZ4 compressed data",
    .reference = "LZ4 Frame Format 1.6.3",
    .magics = kMagics,
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
