#include "verifier/formats/codecs/adc_decoder.h"

#include <algorithm>

namespace assay::formats::codecs {
namespace {

struct Match {
  std::size_t length = 0, distance = 0;
};

// A match of two bytes, or of three when bit 6 of the first is set.
std::optional<Match> TakeMatch(std::uint8_t first, ByteReader& reader) {
  constexpr std::uint8_t kLong = 0x40;
  const auto second = reader.Take<std::uint8_t>();
  if (!second) {
    return std::nullopt;
  }
  if ((first & kLong) == 0) {
    return Match{(first >> 2U & 0x0FU) + 3U, (first & 3U) * 256U + *second + 1};
  }
  const auto third = reader.Take<std::uint8_t>();
  return third ? std::optional(
                     Match{(first & 0x3FU) + 4U, *second * 256U + *third + 1U})
               : std::nullopt;
}

}  // namespace

std::optional<std::size_t> DecodeAdc(ByteView in, std::span<std::uint8_t> out) {
  constexpr std::uint8_t kLiterals = 0x80;
  ByteReader reader(in);
  std::size_t at = 0;
  while (const auto first = reader.Take<std::uint8_t>()) {
    if ((*first & kLiterals) != 0) {
      const auto bytes = reader.TakeBytes((*first & 0x7FU) + 1U);
      if (!bytes || bytes->size() > out.size() - at) {
        return std::nullopt;
      }
      std::copy(bytes->begin(), bytes->end(), out.subspan(at).begin());
      at += bytes->size();
      continue;
    }
    const auto match = TakeMatch(*first, reader);
    if (!match || match->distance > at || match->length > out.size() - at) {
      return std::nullopt;
    }
    for (std::size_t i = 0; i < match->length; ++i, ++at) {
      out[at] = out[at - match->distance];
    }
  }
  return at;
}

}  // namespace assay::formats::codecs
