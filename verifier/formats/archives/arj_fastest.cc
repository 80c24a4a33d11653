#include "verifier/formats/archives/arj_fastest.h"

#include <optional>

namespace assay::formats {

std::optional<std::uint32_t> ArjFastestStream::Bits(unsigned count) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i, ++bit_) {
    const auto byte = ReadAt<std::uint8_t>(data_, bit_ / 8);
    if (!byte) {
      return std::nullopt;
    }
    value = value << 1U | (*byte >> (7 - bit_ % 8) & 1U);
  }
  return value;
}

std::optional<std::uint32_t> ArjFastestStream::Number(unsigned width,
                                                      unsigned most) {
  std::uint32_t base = 0;
  for (; width < most; ++width) {
    const auto more = Bits(1);
    if (!more || *more == 0) {
      break;
    }
    base += 1U << width;
  }
  const auto rest = Bits(width);
  return rest ? std::optional(base + *rest) : std::nullopt;
}

bool ArjFastestStream::NextSymbol() {
  constexpr std::uint32_t kShortestMatch = 3;
  const auto length = Number(0, 7);
  if (!length) {
    return false;
  }
  if (*length == 0) {
    const auto literal = Bits(8);
    copy_left_ = 1;
    distance_ = 0;
    literal_ = static_cast<std::uint8_t>(literal.value_or(0));
    return literal.has_value();
  }
  const auto position = Number(9, 13);
  copy_left_ = *length - 1 + kShortestMatch;
  distance_ = position.value_or(0) + 1ULL;
  return position && distance_ <= produced_;
}

Result<std::size_t> ArjFastestStream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && left_ > 0 && !damaged_) {
    if (copy_left_ == 0 && !NextSymbol()) {
      damaged_ = true;
      break;
    }
    const std::uint8_t byte =
        distance_ == 0 ? literal_ : window_[(produced_ - distance_) % kWindow];
    window_[produced_ % kWindow] = byte;
    into[filled++] = byte;
    ++produced_;
    --copy_left_;
    --left_;
  }
  if (filled == 0 && damaged_) {
    return Fail(ErrorCode::kMalformed, "the packed data are damaged");
  }
  return filled;
}

}  // namespace assay::formats
