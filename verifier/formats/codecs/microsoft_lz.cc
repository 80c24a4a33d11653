#include "verifier/formats/codecs/microsoft_lz.h"

#include <algorithm>
#include <array>
#include <optional>

#include "verifier/formats/codecs/canonical_code.h"
#include "verifier/formats/codecs/word_bits.h"

namespace assay::formats::codecs {
namespace {

constexpr std::size_t kLiterals = 256;

// Repeats `length` bytes from `offset` bytes back; false when that is in front
// of the chunk or behind it.
bool Repeat(std::span<std::uint8_t> out, std::size_t& at, std::size_t offset,
            std::size_t length) {
  if (offset == 0 || offset > at || length > out.size() - at) {
    return false;
  }
  for (std::size_t i = 0; i < length; ++i, ++at) {
    out[at] = out[at - offset];
  }
  return true;
}

constexpr std::size_t kXpressSymbols = 512;

// The upper half of XPRESS's symbols: the offset's bits and a length, which
// goes on in the bytes between the words.
bool XpressMatch(WordBits& bits, std::uint16_t symbol,
                 std::span<std::uint8_t> out, std::size_t& at) {
  constexpr std::size_t kLong = 15, kLonger = 255, kShortest = 3;
  std::size_t length = symbol & 0xFU;
  const unsigned extra = symbol >> 4U & 0xFU;
  bits.Ensure(16);
  const std::size_t offset = std::size_t{1} << extra | bits.Take(extra);
  if (length == kLong) {
    const auto more = bits.TakeBytes<std::uint8_t>();
    length += more.value_or(0);
    if (more == kLonger) {
      const auto whole = bits.TakeBytes<Le16>();
      length = whole ? std::size_t{*whole} : out.size();
    }
  }
  return Repeat(out, at, offset, length + kShortest);
}

constexpr std::size_t kPreSymbols = 20;
constexpr std::size_t kLengthSymbols = 249;
constexpr std::size_t kAlignedSymbols = 8;
constexpr std::size_t kSlotSymbols = 8;  // main symbols of one offset slot
constexpr std::size_t kMostSlots = 50;

// Offsets come in slots, whose sizes double with every second one, up to 2^17.
struct Slot {
  std::uint32_t base = 0;
  unsigned extra = 0;  // bits that say where in the slot
};
constexpr std::array<Slot, kMostSlots> kSlots = [] {
  std::array<Slot, kMostSlots> slots = {};
  std::uint32_t base = 0;
  for (unsigned i = 0; i < kMostSlots; ++i) {
    constexpr unsigned kMostExtra = 17;
    const unsigned extra = i < 4 ? 0 : std::min(kMostExtra, i / 2 - 1);
    slots.at(i) = {base, extra};
    base += 1U << extra;
  }
  return slots;
}();

class LzxDecoder {
 public:
  LzxDecoder(ByteView in, unsigned window_log, std::span<std::uint8_t> out)
      : bits_(in), window_log_(window_log), out_(out) {}

  bool Run() {
    while (at_ < out_.size()) {
      if (!Block() || bits_.overrun()) {
        return false;
      }
    }
    UndoCalls();
    return true;
  }

 private:
  enum Kind : std::uint8_t { kVerbatim = 1, kAligned = 2, kStored = 3 };

  // How many slots a window of that size needs (MS-PATCH 2.6).
  [[nodiscard]] std::size_t Slots() const {
    constexpr std::array<std::size_t, 7> kCounts = {30, 32, 34,        36,
                                                    38, 42, kMostSlots};
    return kCounts.at(window_log_ - 15);
  }

  bool Block() {
    const std::uint32_t kind = bits_.Take(3);
    constexpr std::size_t kUsual = 32768;
    std::size_t size = kUsual;
    if (bits_.Take(1) == 0) {
      size = bits_.Take(8) << 8U;
      size |= bits_.Take(8);
      if (window_log_ >= 16) {
        size = size << 8U | bits_.Take(8);
      }
    }
    if (size == 0 || size > out_.size() - at_) {
      return false;
    }
    if (kind == kStored) {
      return Stored(size);
    }
    return (kind == kVerbatim || kind == kAligned) && Codes(kind == kAligned) &&
           Matches(at_ + size, kind == kAligned);
  }

  bool Stored(std::size_t size) {
    bits_.Align();
    for (std::uint32_t& recent : recent_) {
      const auto stored = bits_.TakeBytes<Le32>();
      if (!stored) {
        return false;
      }
      recent = *stored;
    }
    const auto bytes = bits_.TakeBytes(size);
    if (!bytes) {
      return false;
    }
    std::copy(bytes->begin(), bytes->end(),
              out_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += size;
    if (size % 2 != 0) {
      (void)bits_.TakeBytes(1);
    }
    return true;
  }

  bool Codes(bool aligned) {
    if (aligned) {
      std::array<std::uint8_t, kAlignedSymbols> lengths = {};
      for (std::uint8_t& length : lengths) {
        length = static_cast<std::uint8_t>(bits_.Take(3));
      }
      if (!aligned_.Build(lengths)) {
        return false;
      }
    }
    const std::span<std::uint8_t> main(main_lengths_.data(),
                                       kLiterals + kSlotSymbols * Slots());
    return Lengths(main.first(kLiterals)) && Lengths(main.subspan(kLiterals)) &&
           main_.Build(main) && Lengths(length_lengths_) &&
           lengths_.Build(length_lengths_);
  }

  // Code lengths as differences from those of the block before, themselves
  // coded (MS-PATCH 2.5).
  bool Lengths(std::span<std::uint8_t> lengths) {
    std::array<std::uint8_t, kPreSymbols> pre = {};
    for (std::uint8_t& length : pre) {
      length = static_cast<std::uint8_t>(bits_.Take(4));
    }
    CanonicalCode code;
    if (!code.Build(pre)) {
      return false;
    }
    for (std::size_t i = 0; i < lengths.size();) {
      const auto run = TakeRun(code, lengths[i]);
      if (!run || run->count > lengths.size() - i) {
        return false;
      }
      std::fill_n(lengths.begin() + static_cast<std::ptrdiff_t>(i), run->count,
                  run->value);
      i += run->count;
    }
    return true;
  }

  struct LengthRun {
    std::size_t count = 1;
    std::uint8_t value = 0;
  };

  // The next lengths, of which the first was `before`.
  std::optional<LengthRun> TakeRun(const CanonicalCode& code,
                                   std::uint8_t before) {
    constexpr std::uint16_t kFewZeros = 17, kManyZeros = 18, kSame = 19;
    auto symbol = bits_.Take(code);
    if (symbol == kFewZeros) {
      return LengthRun{4 + bits_.Take(4)};
    }
    if (symbol == kManyZeros) {
      return LengthRun{20 + bits_.Take(5)};
    }
    LengthRun run;
    if (symbol == kSame) {
      run.count = 4 + bits_.Take(1);
      symbol = bits_.Take(code);
    }
    if (!symbol || *symbol >= kFewZeros) {
      return std::nullopt;
    }
    run.value =
        static_cast<std::uint8_t>((before + kFewZeros - *symbol) % kFewZeros);
    return run;
  }

  bool Matches(std::size_t end, bool aligned) {
    while (at_ < end) {
      const auto symbol = bits_.Take(main_);
      if (!symbol) {
        return false;
      }
      if (*symbol < kLiterals) {
        out_[at_++] = static_cast<std::uint8_t>(*symbol);
        continue;
      }
      constexpr std::size_t kShortest = 2;
      const std::size_t slot = (*symbol - kLiterals) / kSlotSymbols;
      std::size_t length = (*symbol - kLiterals) % kSlotSymbols;
      if (length == kSlotSymbols - 1) {
        const auto more = bits_.Take(lengths_);
        if (!more) {
          return false;
        }
        length += *more;
      }
      const auto offset = Offset(slot, aligned);
      if (!offset || length + kShortest > end - at_ ||
          !Repeat(out_, at_, *offset, length + kShortest)) {
        return false;
      }
    }
    return true;
  }

  std::optional<std::size_t> Offset(std::size_t slot, bool aligned) {
    if (slot < recent_.size()) {
      std::swap(recent_[0], recent_.at(slot));
      return recent_[0];
    }
    const auto& [base, extra] = kSlots.at(slot);
    std::uint32_t more = 0;
    if (aligned && extra >= 3) {
      more = bits_.Take(extra - 3) << 3U;
      const auto low = bits_.Take(aligned_);
      if (!low) {
        return std::nullopt;
      }
      more |= *low;
    } else if (extra > 16) {
      more = bits_.Take(extra - 16) << 16U;
      more |= bits_.Take(16);
    } else {
      more = bits_.Take(extra);
    }
    recent_[2] = recent_[1];
    recent_[1] = recent_[0];
    recent_[0] = base + more - 2;
    return recent_[0];
  }

  // Calls of x86 programs name places in the chunk instead of distances; WIM
  // takes every chunk to belong to a program of 12,000,000 bytes.
  void UndoCalls() {
    constexpr std::size_t kUntouched = 10;
    constexpr std::int64_t kProgram = 12'000'000;
    constexpr std::uint8_t kCall = 0xE8;
    if (out_.size() <= kUntouched) {
      return;
    }
    for (std::size_t i = 0; i < out_.size() - kUntouched; ++i) {
      if (out_[i] != kCall) {
        continue;
      }
      const auto place = static_cast<std::int64_t>(i);
      const std::int64_t target =
          static_cast<std::int32_t>(std::uint32_t{*ReadAt<Le32>(out_, i + 1)});
      std::optional<std::int64_t> distance;
      if (target >= 0 && target < kProgram) {
        distance = target - place;
      } else if (target < 0 && target >= -place) {
        distance = target + kProgram;
      }
      for (unsigned byte = 0; distance && byte < 4; ++byte) {
        out_[i + 1 + byte] = static_cast<std::uint8_t>(
            static_cast<std::uint64_t>(*distance) >> 8U * byte);
      }
      i += 4;
    }
  }

  WordBits bits_;
  unsigned window_log_;
  std::span<std::uint8_t> out_;
  std::size_t at_ = 0;
  std::array<std::uint32_t, 3> recent_ = {1, 1, 1};
  std::array<std::uint8_t, kLiterals + kSlotSymbols* kMostSlots> main_lengths_ =
      {};
  std::array<std::uint8_t, kLengthSymbols> length_lengths_ = {};
  CanonicalCode main_, lengths_, aligned_;
};

}  // namespace

bool DecodeXpress(ByteView in, std::span<std::uint8_t> out) {
  constexpr std::size_t kTable = kXpressSymbols / 2;
  std::array<std::uint8_t, kXpressSymbols> lengths = {};
  if (in.size() < kTable) {
    return false;
  }
  for (std::size_t i = 0; i < kTable; ++i) {
    lengths.at(2 * i) = in[i] & 0x0FU;
    lengths.at(2 * i + 1) = in[i] >> 4U;
  }
  CanonicalCode code;
  if (!code.Build(lengths)) {
    return false;
  }
  WordBits bits(in.subspan(kTable));
  for (std::size_t at = 0; at < out.size();) {
    const auto symbol = bits.Take(code);
    if (!symbol || bits.overrun()) {
      return false;
    }
    if (*symbol < kLiterals) {
      out[at++] = static_cast<std::uint8_t>(*symbol);
    } else if (!XpressMatch(bits, *symbol, out, at)) {
      return false;
    }
  }
  return true;
}

bool DecodeLzx(ByteView in, unsigned window_log, std::span<std::uint8_t> out) {
  return window_log >= 15 && window_log <= 21 &&
         out.size() <= std::size_t{1} << window_log &&
         LzxDecoder(in, window_log, out).Run();
}

}  // namespace assay::formats::codecs
