// BCJ2: x86 code whose calls and jumps have their absolute targets in streams
// of their own, and a range coder that tells which are such (LZMA SDK 23.01,
// DOC/bcj2.txt and C/Bcj2.c describe it).

#include <fmt/format.h>

#include <array>
#include <utility>

#include "verifier/formats/archives/sevenzip_filters.h"

namespace assay::formats::sevenzip {
namespace {

// One byte after the other of a stream.
class ByteFeed {
 public:
  explicit ByteFeed(StreamPtr stream) : stream_(std::move(stream)) {}

  // Nothing at the end and in front of an error.
  std::optional<std::uint8_t> Take() {
    if (at_ == filled_) {
      buffer_.resize(kBuffer);
      const auto count = stream_->Read(buffer_);
      if (!count) {
        error_ = count.error();
      }
      at_ = 0;
      filled_ = count.value_or(0);
    }
    return at_ < filled_ ? std::optional(buffer_[at_++]) : std::nullopt;
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  static constexpr std::size_t kBuffer = 32UL << 10U;

  StreamPtr stream_;
  Bytes buffer_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::optional<Error> error_;
};

class Bcj2Stream : public ByteStream {
 public:
  explicit Bcj2Stream(std::vector<StreamPtr> inners) {
    for (StreamPtr& inner : inners) {
      feeds_.emplace_back(std::move(inner));
    }
    models_.fill(kHalf);
  }

  Result<std::size_t> Read(std::span<std::uint8_t> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && !ended_) {
      if (pending_count_ > 0) {
        into[filled++] = pending_.at(pending_.size() - pending_count_);
        --pending_count_;
        ++position_;
        continue;
      }
      const auto byte = NextByte();
      if (!byte) {
        ended_ = true;
        break;
      }
      into[filled++] = *byte;
      ++position_;
    }
    if (filled == 0 && ended_) {
      for (const ByteFeed& feed : feeds_) {
        if (feed.error()) {
          return Fail(*feed.error());
        }
      }
      if (damaged_) {
        return Fail(ErrorCode::kMalformed,
                    "BCJ2: the streams do not end together");
      }
    }
    return filled;
  }

 private:
  static constexpr std::size_t kMain = 0;
  static constexpr std::size_t kCalls = 1;
  static constexpr std::size_t kJumps = 2;
  static constexpr std::size_t kCoder = 3;
  static constexpr std::uint32_t kHalf = 1024;  // of 2048
  static constexpr unsigned kMove = 5;
  static constexpr std::uint32_t kTop = 1U << 24U;

  // Fills the range coder; its first byte is always 0.
  bool Begin() {
    for (int i = 0; i < 5; ++i) {
      const auto byte = feeds_[kCoder].Take();
      if (!byte || (i == 0 && *byte != 0)) {
        return false;
      }
      code_ = code_ << 8U | *byte;
    }
    return true;
  }

  // All streams end together, and the coder's code is used up.
  bool IsAtRest() {
    return code_ == 0 && !feeds_[kCalls].Take() && !feeds_[kJumps].Take() &&
           !feeds_[kCoder].Take();
  }

  std::optional<bool> Bit(std::uint32_t& model) {
    const std::uint32_t bound = (range_ >> 11U) * model;
    const bool bit = code_ >= bound;
    if (bit) {
      range_ -= bound;
      code_ -= bound;
      model -= model >> kMove;
    } else {
      range_ = bound;
      model += (2048 - model) >> kMove;
    }
    if (range_ < kTop) {
      const auto byte = feeds_[kCoder].Take();
      if (!byte) {
        return std::nullopt;
      }
      range_ <<= 8U;
      code_ = code_ << 8U | *byte;
    }
    return bit;
  }

  // Also decodes the target that follows the byte, if any does.
  std::optional<std::uint8_t> NextByte() {
    if (!begun_) {
      begun_ = true;
      if (!Begin()) {
        damaged_ = true;
        return std::nullopt;
      }
    }
    const auto byte = feeds_[kMain].Take();
    if (!byte) {
      damaged_ = !IsAtRest();
      return std::nullopt;
    }
    const bool call = (*byte & 0xfeU) == 0xe8;
    const bool jump = previous_ == 0x0f && (*byte & 0xf0U) == 0x80;
    const std::uint8_t before = std::exchange(previous_, *byte);
    if (!call && !jump) {
      return byte;
    }
    const std::size_t model = *byte == 0xe8 ? 2U + before : call ? 1U : 0U;
    const auto absolute = Bit(models_.at(model));
    if (!absolute) {
      damaged_ = true;
      return std::nullopt;
    }
    if (*absolute && !TakeTarget(feeds_[*byte == 0xe8 ? kCalls : kJumps])) {
      damaged_ = true;
      return std::nullopt;
    }
    return byte;
  }

  bool TakeTarget(ByteFeed& feed) {
    std::uint32_t target = 0;
    for (int i = 0; i < 4; ++i) {
      const auto byte = feed.Take();
      if (!byte) {
        return false;
      }
      target = target << 8U | *byte;
    }
    // Relative to the end of the instruction: opcode and target.
    target -= position_ + 5;
    for (std::uint8_t& byte : pending_) {
      byte = static_cast<std::uint8_t>(target);
      target >>= 8U;
    }
    pending_count_ = pending_.size();
    previous_ = pending_.back();
    return true;
  }

  std::vector<ByteFeed> feeds_;
  std::array<std::uint32_t, 2 + 256> models_ = {};
  std::uint32_t range_ = ~0U;
  std::uint32_t code_ = 0;
  std::uint32_t position_ = 0;  // modulo 2^32, as addresses are
  std::array<std::uint8_t, 4> pending_ = {};
  std::size_t pending_count_ = 0;
  std::uint8_t previous_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  bool damaged_ = false;
};

}  // namespace

StreamPtr MakeBcj2(std::vector<StreamPtr> inners) {
  return std::make_unique<Bcj2Stream>(std::move(inners));
}

}  // namespace assay::formats::sevenzip
