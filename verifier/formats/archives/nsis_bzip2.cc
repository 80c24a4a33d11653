#include "verifier/formats/archives/nsis_bzip2.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace assay::formats::nsis {
namespace {

constexpr std::size_t kMostBytes = 900'000;
constexpr std::uint32_t kBlock = 0x31;
constexpr std::uint32_t kEnd = 0x17;
constexpr std::size_t kGroup = 50;  // symbols of one code in a row
constexpr unsigned kRun = 4;        // equal bytes that a count follows

}  // namespace

std::uint32_t Bzip2Stream::Take(unsigned count) {
  while (ready_ < count) {
    overrun_ = overrun_ || at_ >= packed_.size();
    bits_ = bits_ << 8U | (at_ < packed_.size() ? packed_[at_] : 0U);
    ++at_;
    ready_ += 8;
  }
  ready_ -= count;
  return static_cast<std::uint32_t>(bits_ >> ready_ &
                                    ((std::uint64_t{1} << count) - 1));
}

bool Bzip2Stream::ReadSymbolMap() {
  constexpr unsigned kRows = 16;
  used_.clear();
  const std::uint32_t rows = Take(kRows);
  for (unsigned row = 0; row < kRows; ++row) {
    if ((rows >> (kRows - 1 - row) & 1U) == 0) {
      continue;
    }
    const std::uint32_t columns = Take(kRows);
    for (unsigned column = 0; column < kRows; ++column) {
      if ((columns >> (kRows - 1 - column) & 1U) != 0) {
        used_.push_back(static_cast<std::uint8_t>(row * kRows + column));
      }
    }
  }
  return !used_.empty();
}

// Which code each group has: a move-to-front index, in unary.
bool Bzip2Stream::ReadSelectors() {
  constexpr std::uint32_t kFewest = 2, kMost = 6;
  const std::uint32_t codes = Take(3);
  const std::uint32_t count = Take(15);
  if (codes < kFewest || codes > kMost || count == 0) {
    return false;
  }
  std::array<std::uint8_t, kMost> order = {};
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  selectors_.clear();
  for (std::uint32_t i = 0; i < count && !overrun_; ++i) {
    std::uint32_t index = 0;
    while (Take(1) != 0) {
      if (++index >= codes) {
        return false;
      }
    }
    std::rotate(order.begin(), order.begin() + index,
                order.begin() + index + 1);
    selectors_.push_back(order[0]);
  }
  codes_.assign(codes, {});
  return !overrun_;
}

// Each length as steps up and down from the one before.
bool Bzip2Stream::ReadLengths(std::size_t symbols, Lengths& lengths) {
  std::uint32_t length = Take(5);
  for (std::size_t i = 0; i < symbols; ++i) {
    while (length >= 1 && length <= kLongestCode && Take(1) != 0) {
      length = Take(1) == 0 ? length + 1 : length - 1;
    }
    if (length < 1 || length > kLongestCode || overrun_) {
      return false;
    }
    lengths.at(i) = static_cast<std::uint8_t>(length);
  }
  return true;
}

bool Bzip2Stream::ReadCodes() {
  const std::size_t symbols = used_.size() + 2;
  for (Code& code : codes_) {
    Lengths lengths = {};
    if (!ReadLengths(symbols, lengths)) {
      return false;
    }
    std::uint32_t first = 0;
    std::uint32_t place = 0;
    for (unsigned length = 1; length <= kLongestCode; ++length) {
      first <<= 1U;
      code.first.at(length) = first;
      code.place.at(length) = place;
      for (std::size_t symbol = 0; symbol < symbols; ++symbol) {
        if (lengths.at(symbol) == length) {
          code.symbols.push_back(static_cast<std::uint16_t>(symbol));
        }
      }
      const auto count =
          static_cast<std::uint32_t>(code.symbols.size()) - place;
      code.count.at(length) = count;
      first += count;
      place += count;
    }
  }
  return true;
}

std::optional<std::uint16_t> Bzip2Stream::TakeSymbol(const Code& code) {
  std::uint32_t bits = 0;
  for (unsigned length = 1; length <= kLongestCode; ++length) {
    bits = bits << 1U | Take(1);
    const std::uint32_t first = code.first.at(length);
    if (bits >= first && bits - first < code.count.at(length)) {
      return code.symbols[code.place.at(length) + bits - first];
    }
  }
  return std::nullopt;
}

bool Bzip2Stream::AppendRun(std::uint8_t byte, std::uint64_t count) {
  if (count > kMostBytes - block_.size()) {
    return false;
  }
  block_.insert(block_.end(), static_cast<std::size_t>(count), byte);
  return true;
}

// Symbols of the codes, in groups, up to the one that ends the block.
bool Bzip2Stream::ReadBytes() {
  const auto end = static_cast<std::uint16_t>(used_.size() + 1);
  order_ = used_;
  block_.clear();
  run_ = 0;
  digit_ = 0;
  for (const std::uint8_t selector : selectors_) {
    for (std::size_t i = 0; i < kGroup; ++i) {
      const auto symbol = TakeSymbol(codes_[selector]);
      if (!symbol || overrun_ || !AppendSymbol(*symbol, *symbol == end)) {
        return false;
      }
      if (*symbol == end) {
        return true;
      }
    }
  }
  return false;
}

// Move-to-front indices, with runs of 0 as numbers of the digits 1 and 2.
bool Bzip2Stream::AppendSymbol(std::uint16_t symbol, bool end) {
  if (symbol <= 1) {
    run_ += (std::uint64_t{symbol} + 1) << digit_;
    return ++digit_ <= kLongestCode;  // else more than a block holds
  }
  if (!AppendRun(order_[0], run_)) {
    return false;
  }
  run_ = 0;
  digit_ = 0;
  if (end) {
    return true;
  }
  const auto index = static_cast<std::ptrdiff_t>(symbol) - 1;
  std::rotate(order_.begin(), order_.begin() + index,
              order_.begin() + index + 1);
  return AppendRun(order_[0], 1);
}

// The inverse of the Burrows-Wheeler transform, as a list to be followed.
bool Bzip2Stream::Invert(std::uint32_t origin) {
  if (origin >= block_.size()) {
    return false;
  }
  std::array<std::uint32_t, 256> places = {};
  for (const std::uint32_t byte : block_) {
    ++places.at(byte);
  }
  std::uint32_t sum = 0;
  for (std::uint32_t& place : places) {
    sum += std::exchange(place, sum);
  }
  for (std::uint32_t i = 0; i < block_.size(); ++i) {
    block_[places.at(block_[i] & 0xFFU)++] |= i << 8U;
  }
  next_ = block_[origin] >> 8U;
  left_ = block_.size();
  return true;
}

bool Bzip2Stream::NextBlock() {
  const std::uint32_t mark = Take(8);
  if (mark == kEnd && !overrun_) {
    ended_ = true;
    return true;
  }
  const std::uint32_t origin = Take(24);
  same_ = 0;
  return mark == kBlock && ReadSymbolMap() && ReadSelectors() && ReadCodes() &&
         ReadBytes() && Invert(origin);
}

std::uint8_t Bzip2Stream::NextOfBlock() {
  const std::uint32_t entry = block_[next_];
  next_ = entry >> 8U;
  --left_;
  return static_cast<std::uint8_t>(entry);
}

Result<std::size_t> Bzip2Stream::Read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size() && !ended_ && !damaged_) {
    if (repeats_ > 0) {
      --repeats_;
      into[filled++] = last_;
      continue;
    }
    if (left_ == 0) {
      damaged_ = !NextBlock();
      continue;
    }
    const std::uint8_t byte = NextOfBlock();
    if (same_ == kRun) {
      repeats_ = byte;
      same_ = 0;
      continue;
    }
    same_ = same_ > 0 && byte == last_ ? same_ + 1 : 1;
    last_ = byte;
    into[filled++] = byte;
  }
  return damaged_ && filled == 0
             ? Result<std::size_t>(
                   Fail(ErrorCode::kMalformed, "nsis: damaged bzip2 data"))
             : Result<std::size_t>(filled);
}

}  // namespace assay::formats::nsis
