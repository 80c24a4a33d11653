// What the compression formats share: a decoder as a ByteStream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "verifier/base/byte_stream.h"
#include "verifier/formats/format.h"

namespace assay::formats {

// Decodes what comes next in an Input, at rest or not, and passes exactly the
// bytes it decoded: once Read has returned 0, input.position() is the end of
// the compressed data. The input outlives the stream. An error names the
// offset in the input at which decoding stopped.
class CodecStream : public ByteStream {
 public:
  // `name` is a literal, for messages.
  CodecStream(Input& input, std::string_view name)
      : input_(input), name_(name) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) final;

 protected:
  // What one call of Decode did. With an error, `produced` bytes before it
  // are still handed out.
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool done = false;
    std::optional<Error> error = {};
  };

  // Decodes some of `in` (the next bytes; fewer than Input::kPeekLimit only
  // at the end of the input) into `out`, which is not empty. A step that does
  // nothing at all ends the stream with an error.
  [[nodiscard]] virtual Step Decode(ByteView in,
                                    std::span<std::uint8_t> out) = 0;

  // Where `in` of Decode begins in the input.
  [[nodiscard]] std::uint64_t position() const { return input_.position(); }

 private:
  Input& input_;
  std::string_view name_;
  bool done_ = false;
  std::optional<Error> error_;
};

// The most that MeasureStream decodes of one candidate.
inline constexpr std::uint64_t kMeasureCeiling = 256ULL << 20U;

// Decodes `stream`, which reads from `input`, to its end and keeps nothing.
// Returns where the compressed data end; the stream's own error when they are
// damaged, kLimit when they hold more than kMeasureCeiling bytes.
[[nodiscard]] Result<std::uint64_t> MeasureStream(const Input& input,
                                                  ByteStream& stream);

}  // namespace assay::formats
