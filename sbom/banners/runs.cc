#include "sbom/banners/runs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace assay::sbom {
namespace {

constexpr std::size_t kBlock = 64;

// One bit for each of 64 bytes, the first byte's the lowest. A loop without
// branches, for the compiler to do many bytes at a time; then eight bytes that
// are 0 or 1 become the highest byte of a product.
std::uint64_t BitsOf(const std::array<std::uint8_t, kBlock>& bytes) {
  constexpr std::uint64_t kGather = 0x0102040810204080;
  std::array<std::uint8_t, kBlock> is_run = {};
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::uint8_t c = bytes[i];
    is_run[i] = static_cast<std::uint8_t>(
        static_cast<unsigned>(static_cast<std::uint8_t>(c - 0x20) < 0x5F) |
        static_cast<unsigned>(static_cast<std::uint8_t>(c - '\t') < 2));
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kBlock; i += 8) {
    std::uint64_t eight = 0;
    for (std::size_t k = 0; k < 8; ++k) {
      eight |= static_cast<std::uint64_t>(is_run[i + k]) << (8 * k);
    }
    bits |= (eight * kGather >> 56U) << i;
  }
  return bits;
}

}  // namespace

TextRuns::TextRuns(ByteView bytes)
    : bytes_(bytes), bits_(BitsAt(0)), next_(BitsAt(1)) {
  static_assert(kShortestRun == 3, "as many bits are looked at");
  starts_ = bits_ & ~(bits_ << 1U) & (bits_ >> 1U | next_ << 63U) &
            (bits_ >> 2U | next_ << 62U);
}

std::uint64_t TextRuns::BitsAt(std::size_t block) const {
  const std::size_t from = block * kBlock;
  if (from >= bytes_.size()) {
    return 0;
  }
  std::array<std::uint8_t, kBlock> piece = {};
  std::memcpy(piece.data(), bytes_.subspan(from).data(),
              std::min(kBlock, bytes_.size() - from));
  return BitsOf(piece);
}

void TextRuns::Advance() {
  const std::uint64_t carry = bits_ >> 63U;
  ++block_;
  bits_ = next_;
  next_ = BitsAt(block_ + 1);
  starts_ = bits_ & ~(bits_ << 1U | carry) & (bits_ >> 1U | next_ << 63U) &
            (bits_ >> 2U | next_ << 62U);
}

std::optional<TextRun> TextRuns::Next() {
  while (starts_ == 0) {
    if ((block_ + 1) * kBlock >= bytes_.size()) {
      return std::nullopt;
    }
    Advance();
  }
  const auto first = static_cast<unsigned>(std::countr_zero(starts_));
  const std::size_t start = block_ * kBlock + first;
  starts_ &= starts_ - 1;
  std::uint64_t ends = ~bits_ >> first << first;
  while (ends == 0) {  // it goes on in the next block
    Advance();
    ends = ~bits_;
  }
  const std::size_t end =
      block_ * kBlock + static_cast<unsigned>(std::countr_zero(ends));
  return TextRun{AsText(bytes_.subspan(start, end - start)), start};
}

}  // namespace assay::sbom
