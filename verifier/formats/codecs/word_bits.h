// Bits from 16-bit little-endian words, the upper ones first, as Microsoft's
// XPRESS and LZX keep them, with bytes that stand between the words.
#pragma once

#include <cstdint>
#include <optional>

#include "verifier/base/bytes.h"
#include "verifier/formats/codecs/canonical_code.h"

namespace assay::formats::codecs {

class WordBits {
 public:
  explicit WordBits(ByteView bytes) : bytes_(bytes) {}

  // Makes `count` bits (16 at most) ready; behind the end they are 0.
  void Ensure(unsigned count) {
    if (ready_ < count) {
      const auto word = ReadAt<Le16>(bytes_, at_);
      bits_ |= (word ? std::uint32_t{*word} : 0U) << (16U - ready_);
      at_ += 2;
      ready_ += 16;
    }
  }
  [[nodiscard]] std::uint32_t Take(unsigned count) {
    if (count == 0) {
      return 0;
    }
    Ensure(count);
    const std::uint32_t value = bits_ >> (32U - count);
    bits_ <<= count;
    ready_ -= count;
    return value;
  }
  // Nothing for bits that no symbol has.
  [[nodiscard]] std::optional<std::uint16_t> Take(const CanonicalCode& code) {
    Ensure(CanonicalCode::kLongest);
    const auto symbol = code.Decode(bits_ >> 16U);
    if (symbol.length == 0) {
      return std::nullopt;
    }
    bits_ <<= symbol.length;
    ready_ -= symbol.length;
    return symbol.value;
  }
  // What follows the words that were read.
  template <FileStruct T>
  [[nodiscard]] std::optional<T> TakeBytes() {
    const auto value = ReadAt<T>(bytes_, at_);
    at_ += sizeof(T);
    return value;
  }
  [[nodiscard]] std::optional<ByteView> TakeBytes(std::uint64_t count) {
    const auto bytes = Slice(bytes_, at_, count);
    at_ += bytes ? count : 0;
    return bytes;
  }
  // Drops the rest of the word; all of one when none has begun.
  void Align() {
    Ensure(1);
    if (ready_ > 16) {  // the word behind was made ready as well
      at_ -= 2;
    }
    bits_ = 0;
    ready_ = 0;
  }
  // Whether more was read than is there.
  [[nodiscard]] bool overrun() const { return at_ > bytes_.size() + 4; }

 private:
  ByteView bytes_;
  std::uint64_t at_ = 0;
  std::uint32_t bits_ = 0;  // the ready ones, left-aligned
  unsigned ready_ = 0;
};

}  // namespace assay::formats::codecs
