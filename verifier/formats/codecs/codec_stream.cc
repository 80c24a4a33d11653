#include "verifier/formats/codecs/codec_stream.h"

#include <fmt/format.h>

#include <utility>

namespace assay::formats {
namespace {

constexpr std::size_t kMeasureStep = 256UL << 10U;

}  // namespace

Result<std::size_t> CodecStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !done_ && !error_) {
    const auto in = input_.Peek(Input::kPeekLimit);
    if (!in) {
      error_ = in.error();
      break;
    }
    Step step = Decode(*in, into.subspan(filled));
    if (step.consumed == 0 && step.produced == 0 && !step.done && !step.error) {
      step.error =
          in->empty() ? Error{ErrorCode::kTruncated, "the input ends early"}
                      : Error{ErrorCode::kMalformed, "decoding does not go on"};
    }
    filled += step.produced;
    done_ = step.done;
    if (const auto ok = input_.Skip(step.consumed); !ok) {
      error_ = ok.error();
    } else if (step.error) {
      error_ = Error{step.error->code,
                     fmt::format("{}: {} at offset {} of the compressed data",
                                 name_, step.error->what, input_.position())};
    }
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

Result<std::uint64_t> MeasureStream(const Input& input, ByteStream& stream) {
  Bytes buffer(kMeasureStep);
  std::uint64_t total = 0;
  while (total <= kMeasureCeiling) {
    const auto count = stream.Read(buffer);
    if (!count) {
      return Fail(count.error());
    }
    if (*count == 0) {
      return input.position();
    }
    total += *count;
  }
  return Fail(
      ErrorCode::kLimit,
      fmt::format("not measured beyond {} decoded bytes", kMeasureCeiling));
}

}  // namespace assay::formats
