#include "verifier/formats/archives/pump_stream.h"

#include <fmt/format.h>

namespace assay::formats {

std::optional<Error> PumpStream::Refill() {
  if (from_ < filled_ || ended_) {
    return std::nullopt;
  }
  buffer_.resize(kBuffer);
  from_ = 0;
  filled_ = 0;
  const auto count = inner_->Read(buffer_);
  if (!count) {
    return count.error();
  }
  filled_ = *count;
  ended_ = filled_ == 0;
  return std::nullopt;
}

Result<std::size_t> PumpStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !done_ && !error_) {
    error_ = Refill();
    if (error_) {
      break;
    }
    const ByteView in = ByteView(buffer_).subspan(from_, filled_ - from_);
    Step step = Decode(in, into.subspan(filled));
    if (step.consumed == 0 && step.produced == 0 && !step.done && !step.error) {
      step.error = Error{
          in.empty() ? ErrorCode::kTruncated : ErrorCode::kMalformed,
          in.empty() ? "the packed data end early" : "decoding does not go on"};
    }
    from_ += step.consumed;
    filled += step.produced;
    done_ = step.done;
    if (step.error) {
      error_ = Error{step.error->code,
                     fmt::format("{}: {}", name_, step.error->what)};
    }
  }
  if (filled == 0 && error_) {
    return Fail(*error_);
  }
  return filled;
}

}  // namespace assay::formats
