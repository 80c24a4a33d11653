// Canonical prefix codes (Huffman codes that their lengths alone define).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace assay::formats::codecs {

class CanonicalCode {
 public:
  static constexpr unsigned kLongest = 16;

  // False unless the lengths make a code in which every bit string leads
  // somewhere. No symbol at all is a code that decodes nothing.
  [[nodiscard]] bool Build(std::span<const std::uint8_t> lengths);

  struct Symbol {
    std::uint16_t value = 0;
    unsigned length = 0;  // 0: there is none
  };
  // The symbol that the first of these 16 bits make.
  [[nodiscard]] Symbol Decode(std::uint32_t bits) const;

 private:
  static constexpr unsigned kDirect = 10;  // bits that one look-up decodes

  void FillDirect();

  std::vector<std::uint16_t> symbols_;  // in the order of their codes
  // For each length: the first code behind those of that length, left-aligned
  // in 16 bits, and what added to a code gives its place in `symbols_`
  // (it wraps where that is less).
  std::array<std::uint32_t, kLongest + 1> limits_ = {};
  std::array<std::uint32_t, kLongest + 1> bases_ = {};
  std::vector<Symbol> direct_;
};

}  // namespace assay::formats::codecs
