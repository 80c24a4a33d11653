#include "verifier/formats/codecs/canonical_code.h"

#include <algorithm>

namespace assay::formats::codecs {

bool CanonicalCode::Build(std::span<const std::uint8_t> lengths) {
  std::array<std::uint32_t, kLongest + 1> counts = {};
  for (const std::uint8_t length : lengths) {
    if (length > kLongest) {
      return false;
    }
    ++counts.at(length);
  }
  counts[0] = 0;
  symbols_.clear();
  direct_.assign(std::size_t{1} << kDirect, Symbol{});
  std::array<std::uint32_t, kLongest + 1> next = {};
  std::uint32_t code = 0;
  std::uint32_t place = 0;
  for (unsigned length = 1; length <= kLongest; ++length) {
    code <<= 1U;
    next.at(length) = place;
    bases_.at(length) = place - code;
    code += counts.at(length);
    place += counts.at(length);
    if (code > 1U << length) {
      return false;
    }
    limits_.at(length) = code << (kLongest - length);
  }
  if (place != 0 && code != 1U << kLongest) {
    return false;
  }
  symbols_.resize(place);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] != 0) {
      symbols_[next.at(lengths[i])++] = static_cast<std::uint16_t>(i);
    }
  }
  if (place != 0) {
    FillDirect();
  }
  return true;
}

void CanonicalCode::FillDirect() {
  for (std::uint32_t i = 0; i < direct_.size(); ++i) {
    const std::uint32_t first = i << (kLongest - kDirect);
    for (unsigned length = 1; length <= kDirect; ++length) {
      if (first < limits_.at(length)) {
        const std::uint32_t at = first >> (kLongest - length);
        direct_[i] = {symbols_[at + bases_.at(length)], length};
        break;
      }
    }
  }
}

CanonicalCode::Symbol CanonicalCode::Decode(std::uint32_t bits) const {
  if (symbols_.empty()) {
    return {};
  }
  const Symbol& direct = direct_[bits >> (kLongest - kDirect)];
  if (direct.length != 0) {
    return direct;
  }
  for (unsigned length = kDirect + 1; length <= kLongest; ++length) {
    if (bits < limits_.at(length)) {
      const std::uint32_t at = bits >> (kLongest - length);
      return {symbols_[at + bases_.at(length)], length};
    }
  }
  return {};
}

}  // namespace assay::formats::codecs
