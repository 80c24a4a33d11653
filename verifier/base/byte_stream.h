// Bytes that come one after the other: the output of a decoder.
#pragma once

#include <cstdint>
#include <span>

#include "verifier/base/byte_source.h"
#include "verifier/base/bytes.h"
#include "verifier/base/digest.h"
#include "verifier/base/limits.h"
#include "verifier/base/result.h"

namespace assay {

class ByteStream {
 public:
  ByteStream() = default;
  virtual ~ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Fills as much of `into` as there is. Fewer bytes only at the very end or
  // in front of an error, so that what was decoded before damage is not lost:
  // read until 0 or an error comes, a short count proves neither. An error is
  // final: every later call returns it again.
  [[nodiscard]] virtual Result<std::size_t> Read(
      std::span<std::uint8_t> into) = 0;
};

// What a format unpacks: bytes at rest (then every offset can be reached) or
// a stream (then they pass once). Reading through Peek, Take, Skip and Read
// works for both, without a copy where the bytes are at rest.
class Input {
 public:
  explicit Input(ByteSource source) : source_(std::move(source)) {}
  // Every byte that passes is given to `hasher`; both outlive the input.
  Input(ByteStream& stream, Hasher& hasher, const Limits& limits)
      : stream_(&stream), hasher_(&hasher), limits_(limits) {}

  // Whether source() may be used: all bytes can be reached in any order.
  [[nodiscard]] bool at_rest() const { return stream_ == nullptr; }
  [[nodiscard]] const ByteSource& source() const { return source_; }
  // How many bytes Take, Skip and Read have passed so far.
  [[nodiscard]] std::uint64_t position() const { return position_; }

  // Up to `length` of the next bytes (fewer at the end), which stay unread.
  // Valid until the next call. `length` is at most kPeekLimit.
  [[nodiscard]] Result<ByteView> Peek(std::size_t length);
  // Exactly `length` bytes, or kTruncated (nothing is then promised about the
  // position of a stream). Large pieces of a stream live in a spill file.
  [[nodiscard]] Result<ByteSource> Take(std::uint64_t length);
  // Passes exactly `length` bytes, or kTruncated.
  [[nodiscard]] Result<void> Skip(std::uint64_t length);
  // As ByteStream::Read.
  [[nodiscard]] Result<std::size_t> Read(std::span<std::uint8_t> into);
  // All that is left; at most Limits::member bytes (kLimit).
  [[nodiscard]] Result<ByteSource> TakeRest();

  // Enough for the super block of a btrfs at 64 KiB.
  static constexpr std::size_t kPeekLimit = 72UL << 10U;

 private:
  [[nodiscard]] Result<ByteSource> TakeUpTo(std::uint64_t length);
  [[nodiscard]] Result<ByteSource> TakeSmall(std::size_t length);
  [[nodiscard]] ByteView Peeked() const {
    return ByteView(peeked_).subspan(peeked_from_);
  }

  ByteSource source_;
  ByteStream* stream_ = nullptr;
  Hasher* hasher_ = nullptr;
  Limits limits_;
  // Read from the stream; what begins at peeked_from_ is not yet passed. The
  // front is cut off seldom, so that small steps stay cheap.
  Bytes peeked_;
  std::size_t peeked_from_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace assay
