// Zstandard: frames whose contents follow one another, and skippable frames
// (RFC 8878, section 3.1). libzstd verifies the content checksum where a frame
// has one. Skippable frames in front are claimed as metadata; between and
// after frames they belong to the member's extent.

#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>

#include "verifier/formats/codecs/codec_stream.h"
#include "verifier/formats/codecs/skippable_frame.h"

namespace assay::formats {
namespace {

constexpr std::uint32_t kFrameMagic = 0xfd2fb528;
constexpr int kMostWindowLog = 27;  // 128 MiB
constexpr std::uint32_t kMostBlock = 128U << 10U;

bool IsDataFrame(ByteView in) {
  const auto magic = ReadAt<Le32>(in, 0);
  return magic && *magic == kFrameMagic;
}

// Frame header and the first block's header (RFC 8878, sections 3.1.1.1 and
// 3.1.1.2).
bool IsSaneFrame(ByteView in) {
  constexpr std::uint64_t kIdSizes[] = {0, 1, 2, 4};  // NOLINT: a table
  const auto prefix = Slice(in, 0, 5);
  if (!prefix || !IsDataFrame(in)) {
    return false;
  }
  const unsigned descriptor = prefix->back();
  const bool reserved = (descriptor & 0x08U) != 0;
  const bool single_segment = (descriptor & 0x20U) != 0;
  const unsigned size_flag = descriptor >> 6U;
  const std::uint64_t content_size =
      size_flag == 0 ? std::uint64_t{single_segment} : 1ULL << size_flag;
  const std::uint64_t header = prefix->size() + (single_segment ? 0 : 1) +
                               kIdSizes[descriptor & 3U] + content_size;
  const auto block = Slice(in, header, 3);
  if (reserved || !block) {
    return false;
  }
  const unsigned value =
      (*block)[0] | unsigned{(*block)[1]} << 8U | unsigned{(*block)[2]} << 16U;
  const bool run_length = (value >> 1U & 3U) == 1;
  const bool reserved_type = (value >> 1U & 3U) == 3;
  return !reserved_type && (run_length || value >> 3U <= kMostBlock);
}

bool Matches(ByteView head) {
  return IsSaneFrame(AfterSkippableFrames(head));
}

Error Explain(std::size_t code) {
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
      return {ErrorCode::kLimit,
              fmt::format("a window above 2^{} bytes", kMostWindowLog)};
    case ZSTD_error_memory_allocation:
      return {ErrorCode::kLimit, "no memory"};
    case ZSTD_error_dictionary_wrong:
    case ZSTD_error_frameParameter_unsupported:
    case ZSTD_error_version_unsupported:
      return {ErrorCode::kUnsupported, ZSTD_getErrorName(code)};
    default:
      return {ErrorCode::kMalformed, ZSTD_getErrorName(code)};
  }
}

class ZstdStream : public CodecStream {
 public:
  explicit ZstdStream(Input& input) : CodecStream(input, "zstd") {
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMostWindowLog);
  }

  [[nodiscard]] SkippedFrames& skipped() { return skipped_; }

 protected:
  Step Decode(ByteView in, std::span<std::uint8_t> out) override {
    if (!in_frame_ && to_skip_ == 0) {
      in_frame_ = IsDataFrame(in);
      to_skip_ = SkippableFrame(in).value_or(0);
      if (to_skip_ > 0) {
        skipped_.Note({position(), to_skip_});
      }
    }
    if (to_skip_ > 0) {
      const auto count = std::min<std::uint64_t>(to_skip_, in.size());
      to_skip_ -= count;
      return {.consumed = static_cast<std::size_t>(count)};
    }
    if (!in_frame_) {
      return {.done = true};
    }
    ZSTD_inBuffer from = {in.data(), in.size(), 0};
    ZSTD_outBuffer to = {out.data(), out.size(), 0};
    const std::size_t code = ZSTD_decompressStream(context_.get(), &to, &from);
    in_frame_ = code != 0;
    Step step{.consumed = from.pos, .produced = to.pos};
    if (ZSTD_isError(code) != 0) {
      step.error = Explain(code);
    }
    return step;
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };

  std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
  bool in_frame_ = false;
  std::uint64_t to_skip_ = 0;  // of a skippable frame
  SkippedFrames skipped_;
};

Result<std::uint64_t> Measure(ByteView bytes) {
  if (!Matches(bytes)) {
    return Fail(ErrorCode::kNotThisFormat, "no zstd frame");
  }
  Input input(ByteSource::Borrow(bytes));
  ZstdStream stream(input);
  return MeasureStream(input, stream);
}

Result<void> Unpack(Input& input, ArtifactSink& sink) {
  ZstdStream stream(input);
  if (auto ok = stream.skipped().PassLeading(input, sink); !ok) {
    return ok;
  }
  auto result = sink.AddStream({}, stream);
  stream.skipped().Report("zstd", sink);
  return result;
}

// NOLINTNEXTLINE(*-avoid-c-arrays): a table
constexpr Magic kMagics[] = {
    {"\x28\xb5\x2f\xfd", 0}, {"\x50\x2a\x4d\x18", 0}, {"\x51\x2a\x4d\x18", 0},
    {"\x52\x2a\x4d\x18", 0}, {"\x53\x2a\x4d\x18", 0}, {"\x54\x2a\x4d\x18", 0},
    {"\x55\x2a\x4d\x18", 0}, {"\x56\x2a\x4d\x18", 0}, {"\x57\x2a\x4d\x18", 0},
    {"\x58\x2a\x4d\x18", 0}, {"\x59\x2a\x4d\x18", 0}, {"\x5a\x2a\x4d\x18", 0},
    {"\x5b\x2a\x4d\x18", 0}, {"\x5c\x2a\x4d\x18", 0}, {"\x5d\x2a\x4d\x18", 0},
    {"\x5e\x2a\x4d\x18", 0}, {"\x5f\x2a\x4d\x18", 0}};

}  // namespace

extern const Format kZstd;
const Format kZstd = {
    .name = "zstd",
    .title = "Zstandard compressed data",
    .reference = "RFC 8878",
    .magics = kMagics,
    .carvable = true,
    .depth = "payload",
    .matches = Matches,
    .measure = Measure,
    .unpack = Unpack,
    .random_access = false,
};

}  // namespace assay::formats
