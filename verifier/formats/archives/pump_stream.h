// A decoder between two streams: the part that all of them share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "verifier/base/byte_stream.h"

namespace assay::formats {

class PumpStream : public ByteStream {
 public:
  // `name` is for messages.
  PumpStream(std::unique_ptr<ByteStream> inner, std::string name)
      : inner_(std::move(inner)), name_(std::move(name)) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) final;

 protected:
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool done = false;
    std::optional<Error> error = {};
  };

  // Decodes some of `in` into `out`, which is not empty; `in` is empty only
  // when the inner stream has ended. A step that does nothing then ends the
  // stream with an error.
  [[nodiscard]] virtual Step Decode(ByteView in,
                                    std::span<std::uint8_t> out) = 0;

 private:
  static constexpr std::size_t kBuffer = 64UL << 10U;

  [[nodiscard]] std::optional<Error> Refill();

  std::unique_ptr<ByteStream> inner_;
  std::string name_;
  Bytes buffer_;
  std::size_t from_ = 0;
  std::size_t filled_ = 0;
  bool ended_ = false;  // the inner stream
  bool done_ = false;
  std::optional<Error> error_;
};

}  // namespace assay::formats
