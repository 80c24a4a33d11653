#include "verifier/formats/codecs/inflate_stream.h"

#include <zlib.h>

#include <algorithm>

namespace assay::formats {
namespace {

constexpr std::size_t kMostOutput = 1UL << 30U;

}  // namespace

InflateStream::InflateStream(Input& input, std::string_view name, Frame frame)
    : CodecStream(input, name),
      state_(std::make_unique<z_stream>()),
      ready_(inflateInit2(state_.get(),
                          frame == Frame::kZlib ? MAX_WBITS : -MAX_WBITS) ==
             Z_OK) {}

InflateStream::~InflateStream() {
  inflateEnd(state_.get());
}

CodecStream::Step InflateStream::Decode(ByteView in,
                                        std::span<std::uint8_t> out) {
  if (!ready_) {
    return {.error = Error{ErrorCode::kLimit, "no memory"}};
  }
  // The library's input pointer lacks the const; it only reads.
  state_->next_in = const_cast<std::uint8_t*>(in.data());  // NOLINT
  state_->avail_in = static_cast<uInt>(in.size());
  state_->next_out = out.data();
  const auto room =
      static_cast<uInt>(std::min<std::size_t>(out.size(), kMostOutput));
  state_->avail_out = room;
  const int code = inflate(state_.get(), Z_NO_FLUSH);
  Step step{.consumed = in.size() - state_->avail_in,
            .produced = room - state_->avail_out,
            .done = code == Z_STREAM_END};
  if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
    step.error = Error{ErrorCode::kMalformed, "damaged data or Adler-32"};
  }
  return step;
}

}  // namespace assay::formats
