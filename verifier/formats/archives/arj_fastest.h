// ARJ's method 4 ("fastest"): LZ77 with numbers of variable width. Algorithm:
// the ARJ archiver, decode.c (decode_f).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "verifier/base/byte_stream.h"
#include "verifier/base/bytes.h"

namespace assay::formats {

class ArjFastestStream : public ByteStream {
 public:
  // `data` outlive the stream and give `original` bytes.
  ArjFastestStream(ByteView data, std::uint64_t original)
      : data_(data), left_(original) {}

  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into) override;

 private:
  static constexpr std::size_t kWindow = 32768;  // more than any distance

  // The next bits, or nothing past the end.
  [[nodiscard]] std::optional<std::uint32_t> Bits(unsigned count);
  // A number with a width of `width` and more, as a prefix of ones says.
  [[nodiscard]] std::optional<std::uint32_t> Number(unsigned width,
                                                    unsigned most);
  [[nodiscard]] bool NextSymbol();

  ByteView data_;
  std::uint64_t left_;
  std::uint64_t bit_ = 0;
  std::array<std::uint8_t, kWindow> window_ = {};
  std::uint64_t produced_ = 0;
  std::uint64_t copy_left_ = 0;
  std::uint64_t distance_ = 0;
  std::uint8_t literal_ = 0;
  bool damaged_ = false;
};

}  // namespace assay::formats
