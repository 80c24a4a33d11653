#include "verifier/formats/firmware/tiano.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::formats {
namespace {

struct Header {
  Le32 packed, original;
};
static_assert(sizeof(Header) == 8 && FileStruct<Header>);

constexpr std::size_t kCharacters = 510;    // 256 literals, 254 lengths
constexpr std::size_t kLengthSymbols = 19;  // of the code of code lengths
constexpr std::size_t kMostPositions = 31;
constexpr unsigned kLongestCode = 16;
constexpr std::uint32_t kFirstLength = 256;
constexpr std::uint32_t kShortestMatch = 3;
constexpr std::uint64_t kLongestMatch = 256;
constexpr unsigned kCountWidth = 9;  // of the number of character codes
constexpr std::size_t kNoGap = 0xffff;

unsigned PositionWidth(TianoVariant variant) {
  return variant == TianoVariant::kEfi ? 4 : 5;
}

}  // namespace

bool TianoStream::Code::Build(std::span<const std::uint8_t> lengths) {
  std::array<std::uint32_t, kLongestCode + 1> count = {};
  for (const std::uint8_t length : lengths) {
    if (length > kLongestCode) {
      return false;
    }
    ++count.at(length);
  }
  symbols_.clear();
  std::uint32_t limit = 0;
  for (unsigned length = 1; length <= kLongestCode; ++length) {
    first_.at(length) = static_cast<std::uint32_t>(symbols_.size());
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] == length) {
        symbols_.push_back(static_cast<std::uint16_t>(symbol));
      }
    }
    limit += count.at(length) << (kLongestCode - length);
    limit_.at(length) = limit;
  }
  return limit == 1U << kLongestCode;
}

void TianoStream::Code::BuildSingle(std::uint16_t symbol) {
  symbols_.assign(1, symbol);
}

std::optional<std::uint16_t> TianoStream::Code::Decode(
    TianoStream& from) const {
  if (symbols_.size() == 1) {
    return symbols_[0];
  }
  const std::uint32_t bits = from.Peek(kLongestCode);
  for (unsigned length = 1; length <= kLongestCode; ++length) {
    if (bits < limit_.at(length)) {
      from.Drop(length);
      const std::uint32_t before =
          (bits - limit_.at(length - 1)) >> (kLongestCode - length);
      const std::size_t at = first_.at(length) + before;
      return at < symbols_.size() ? std::optional(symbols_[at]) : std::nullopt;
    }
  }
  return std::nullopt;
}

TianoStream::TianoStream(ByteView packed, TianoVariant variant,
                         std::uint64_t memory)
    : TianoStream(
          packed.subspan(std::min(sizeof(Header), packed.size()),
                         static_cast<std::size_t>(
                             PackedSize(packed).value_or(sizeof(Header)) -
                             sizeof(Header))),
          ReadAt<Header>(packed, 0).value_or(Header()).original, variant,
          memory) {
  if (!PackedSize(packed)) {
    error_ = Error{ErrorCode::kTruncated, "the packed data are cut short"};
  }
}

TianoStream::TianoStream(ByteView data, std::uint64_t original,
                         TianoVariant variant, std::uint64_t memory)
    : data_(data),
      original_(original),
      position_width_(PositionWidth(variant)) {
  // What a hostile header states costs no memory: but for empty codes, a bit
  // gives no more than a match.
  const std::uint64_t plausible =
      std::max<std::uint64_t>(data_.size() * kLongestMatch * 8, 1U << 20U);
  window_.resize(
      static_cast<std::size_t>(std::min({original_, memory, plausible})));
}

std::optional<std::uint64_t> TianoStream::PackedSize(ByteView packed) {
  const auto header = ReadAt<Header>(packed, 0);
  if (!header || header->packed > packed.size() - sizeof(Header)) {
    return std::nullopt;
  }
  return sizeof(Header) + std::uint64_t{header->packed};
}

std::uint64_t TianoStream::unread() const {
  return data_.size() - next_ + buffered_ / 8;
}

// Past the end come zeros; to consume one of them is an error.
std::uint32_t TianoStream::Peek(unsigned count) {
  while (buffered_ < count) {
    std::uint64_t byte = 0;
    if (next_ < data_.size()) {
      byte = data_[next_++];
    } else {
      missing_ += 8;
    }
    buffer_ |= byte << (56U - buffered_);
    buffered_ += 8;
  }
  return count == 0 ? 0 : static_cast<std::uint32_t>(buffer_ >> (64U - count));
}

void TianoStream::Drop(unsigned count) {
  buffer_ <<= count;
  buffered_ -= count;
}

std::uint32_t TianoStream::Bits(unsigned count) {
  const std::uint32_t bits = Peek(count);
  Drop(count);
  return bits;
}

// The code of code lengths (gap_after 3: a run of zeros may follow the third),
// and that of distances.
bool TianoStream::ReadPositionCode(std::size_t most, unsigned width,
                                   std::size_t gap_after) {
  const std::size_t count = Bits(width);
  if (count == 0) {
    const std::uint32_t symbol = Bits(width);
    positions_.BuildSingle(static_cast<std::uint16_t>(symbol));
    return symbol < most;
  }
  std::array<std::uint8_t, 64> lengths = {};
  std::size_t i = 0;
  while (i < count && i < most) {
    std::uint32_t length = Bits(3);
    while (length >= 7 && Bits(1) == 1) {
      if (++length > kLongestCode) {
        return false;
      }
    }
    lengths.at(i++) = static_cast<std::uint8_t>(length);
    if (i == gap_after) {
      i += Bits(2);
    }
  }
  return count <= most && i <= most &&
         positions_.Build(std::span(lengths).first(most));
}

bool TianoStream::ReadCharacterCode() {
  const std::size_t count = Bits(kCountWidth);
  if (count == 0) {
    const std::uint32_t symbol = Bits(kCountWidth);
    characters_.BuildSingle(static_cast<std::uint16_t>(symbol));
    return symbol < kCharacters;
  }
  std::array<std::uint8_t, kCharacters> lengths = {};
  std::size_t i = 0;
  while (i < count) {
    const auto symbol = positions_.Decode(*this);
    if (!symbol || count > kCharacters || missing_ > buffered_) {
      return false;
    }
    if (*symbol > 2) {
      lengths.at(i++) = static_cast<std::uint8_t>(*symbol - 2);
      continue;
    }
    i += *symbol == 0 ? 1 : *symbol == 1 ? Bits(4) + 3 : Bits(kCountWidth) + 20;
    if (i > count) {
      return false;
    }
  }
  return characters_.Build(lengths);
}

bool TianoStream::BeginBlock() {
  block_left_ = Bits(16);
  return block_left_ > 0 && ReadPositionCode(kLengthSymbols, 5, 3) &&
         ReadCharacterCode() &&
         ReadPositionCode(kMostPositions, position_width_, kNoGap);
}

// A literal goes into the window, a match into copy_left_ and distance_.
bool TianoStream::NextSymbol() {
  if (block_left_ == 0 && !BeginBlock()) {
    return false;
  }
  --block_left_;
  const auto symbol = characters_.Decode(*this);
  if (!symbol) {
    return false;
  }
  copy_left_ = 1;
  distance_ = 0;
  if (*symbol < kFirstLength) {
    window_[at_] = static_cast<std::uint8_t>(*symbol);
  } else {
    const auto width = positions_.Decode(*this);
    if (!width) {
      return false;
    }
    const unsigned bits = *width > 1 ? *width - 1U : 0U;
    const std::uint64_t position =
        *width > 1 ? (1ULL << bits) + Bits(bits) : *width;
    copy_left_ = *symbol - kFirstLength + kShortestMatch;
    distance_ = position + 1;
  }
  if (distance_ > produced_ || distance_ > window_.size() ||
      missing_ > buffered_) {
    return false;
  }
  const auto back = static_cast<std::size_t>(distance_);
  from_ = at_ >= back ? at_ - back : at_ + window_.size() - back;
  return true;
}

Result<std::size_t> TianoStream::Read(std::span<std::uint8_t> into) {
  std::size_t done = 0;
  while (!error_ && done < into.size() && produced_ < original_) {
    if (copy_left_ == 0 && (window_.empty() || !NextSymbol())) {
      error_ = Error{
          ErrorCode::kMalformed,
          fmt::format("the packed data are damaged after {} bytes", produced_)};
      break;
    }
    window_[at_] = window_[from_];  // the same place for a literal
    into[done++] = window_[at_];
    at_ = at_ + 1 == window_.size() ? 0 : at_ + 1;
    from_ = from_ + 1 == window_.size() ? 0 : from_ + 1;
    ++produced_;
    --copy_left_;
  }
  if (error_ && done == 0) {
    return Fail(*error_);
  }
  return done;
}

TianoVariant TianoVariantOf(ByteView packed, TianoVariant preferred,
                            std::uint64_t memory) {
  // Encoders end with at most a byte of bits and a NUL.
  constexpr std::uint64_t kMostUnread = 4;
  const TianoVariant other = preferred == TianoVariant::kEfi
                                 ? TianoVariant::kTiano
                                 : TianoVariant::kEfi;
  const auto fits = [&](TianoVariant variant) {
    TianoStream stream(packed, variant, memory);
    Bytes chunk(64UL << 10U);
    for (;;) {
      const auto count = stream.Read(chunk);
      if (!count || *count == 0) {
        return count.has_value() && stream.unread() <= kMostUnread;
      }
    }
  };
  return !fits(preferred) && fits(other) ? other : preferred;
}

}  // namespace assay::formats
