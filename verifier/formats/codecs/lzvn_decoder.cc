#include "verifier/formats/codecs/lzvn_decoder.h"

#include <algorithm>

namespace assay::formats::codecs {
namespace {

// One operation: literals, then a match.
struct Operation {
  std::size_t literals = 0, match = 0;
  std::optional<std::size_t> distance = {};  // none: that of the match before
  bool end = false;
};

constexpr std::size_t kShortestMatch = 3;

// 1110LLLL and 1111MMMM; a count of 0 stands in a byte of its own, less 16.
std::optional<Operation> TakeLong(std::uint8_t code, ByteReader& reader) {
  constexpr std::uint8_t kMatch = 0xF0;
  std::size_t count = code & 0x0FU;
  if (count == 0) {
    const auto more = reader.Take<std::uint8_t>();
    if (!more) {
      return std::nullopt;
    }
    count = *more + 16U;
  }
  return code >= kMatch ? Operation{.match = count}
                        : Operation{.literals = count};
}

// 101LLMMM DDDDDDMM DDDDDDDD.
std::optional<Operation> TakeMedium(std::size_t code, ByteReader& reader) {
  const auto rest = reader.Take<Le16>();
  if (!rest) {
    return std::nullopt;
  }
  return Operation{.literals = code >> 3U & 3U,
                   .match = ((code & 7U) << 2U | (*rest & 3U)) + kShortestMatch,
                   .distance = std::size_t{*rest} >> 2U};
}

// LLMMMDDD DDDDDDDD; with 111 two bytes of distance follow, with 110 none.
std::optional<Operation> TakeSmall(std::size_t code, ByteReader& reader) {
  constexpr unsigned kPrevious = 6;
  constexpr unsigned kLarge = 7;
  Operation operation{.literals = code >> 6U,
                      .match = (code >> 3U & 7U) + kShortestMatch};
  const std::size_t high = code & 7U;
  if (high == kPrevious) {
    return operation;
  }
  if (high == kLarge) {
    const auto distance = reader.Take<Le16>();
    operation.distance = std::uint16_t{distance.value_or(Le16())};
    return distance ? std::optional(operation) : std::nullopt;
  }
  const auto low = reader.Take<std::uint8_t>();
  operation.distance = high << 8U | low.value_or(0);
  return low ? std::optional(operation) : std::nullopt;
}

std::optional<Operation> TakeOperation(ByteReader& reader) {
  constexpr std::uint8_t kEnd = 0x06;
  const auto code = reader.Take<std::uint8_t>();
  if (!code) {
    return std::nullopt;
  }
  if (*code >= 0xE0) {
    return TakeLong(*code, reader);
  }
  if (*code >= 0xA0 && *code < 0xC0) {
    return TakeMedium(*code, reader);
  }
  if (*code == kEnd) {
    return Operation{.end = true};
  }
  if (*code == 0x0E || *code == 0x16) {
    return Operation{};  // nothing to do
  }
  const bool undefined = (*code & 0xF0U) == 0x70 || (*code & 0xF0U) == 0xD0 ||
                         (*code < 0x40 && (*code & 7U) == 6);
  return undefined ? std::nullopt : TakeSmall(*code, reader);
}

}  // namespace

std::optional<std::size_t> DecodeLzvn(ByteView in,
                                      std::span<std::uint8_t> out) {
  ByteReader reader(in);
  std::size_t at = 0;
  std::size_t distance = 0;
  while (at < out.size()) {
    const auto operation = TakeOperation(reader);
    if (!operation) {
      return std::nullopt;
    }
    if (operation->end) {
      break;
    }
    const auto literals = reader.TakeBytes(operation->literals);
    distance = operation->distance.value_or(distance);
    if (!literals || literals->size() > out.size() - at) {
      return std::nullopt;
    }
    std::copy(literals->begin(), literals->end(), out.subspan(at).begin());
    at += literals->size();
    if (operation->match > 0 && (distance == 0 || distance > at ||
                                 operation->match > out.size() - at)) {
      return std::nullopt;
    }
    for (std::size_t i = 0; i < operation->match; ++i, ++at) {
      out[at] = out[at - distance];
    }
  }
  return at;
}

}  // namespace assay::formats::codecs
