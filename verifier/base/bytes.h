// Untrusted bytes and the only ways to read them.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace assay {

// Borrowed and owned bytes. std::uint8_t because OpenSSL and the codec
// libraries speak it.
using ByteView = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

// [offset, offset + length) in some stream of bytes.
struct Range {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  [[nodiscard]] std::uint64_t end() const { return offset + length; }
  friend auto operator<=>(const Range&, const Range&) = default;
};

enum class ByteOrder { kLittle, kBig };

// An unsigned integer exactly as it lies in a file; converts on reading.
template <std::unsigned_integral T, ByteOrder order>
struct Stored {
  std::array<std::uint8_t, sizeof(T)> raw = {};

  // NOLINTNEXTLINE(google-explicit-constructor): reading is its purpose.
  constexpr operator T() const {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      const std::size_t at = order == ByteOrder::kBig ? i : sizeof(T) - 1 - i;
      value = static_cast<T>((static_cast<std::uint64_t>(value) << 8U) |
                             raw.at(at));
    }
    return value;
  }
};

using Be16 = Stored<std::uint16_t, ByteOrder::kBig>;
using Be32 = Stored<std::uint32_t, ByteOrder::kBig>;
using Be64 = Stored<std::uint64_t, ByteOrder::kBig>;
using Le16 = Stored<std::uint16_t, ByteOrder::kLittle>;
using Le32 = Stored<std::uint32_t, ByteOrder::kLittle>;
using Le64 = Stored<std::uint64_t, ByteOrder::kLittle>;

// A struct whose members mirror a file layout byte for byte.
template <typename T>
concept FileStruct = std::is_trivially_copyable_v<T> && alignof(T) == 1;

// The two casts of the project: bytes of an object, text as bytes and back.
template <FileStruct T>
[[nodiscard]] ByteView BytesOf(const T& object) {
  return {reinterpret_cast<const std::uint8_t*>(&object), sizeof(T)};
}
[[nodiscard]] inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view AsText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

[[nodiscard]] inline Bytes CopyOf(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

// The part of `bytes` that `range` names, or nothing if any of it lies
// outside. Safe for every value of offset and length.
[[nodiscard]] inline std::optional<ByteView> Slice(ByteView bytes,
                                                   std::uint64_t offset,
                                                   std::uint64_t length) {
  if (offset > bytes.size() || length > bytes.size() - offset) {
    return std::nullopt;
  }
  return bytes.subspan(static_cast<std::size_t>(offset),
                       static_cast<std::size_t>(length));
}

// A checked cursor. A failed read moves nothing.
class ByteReader {
 public:
  explicit ByteReader(ByteView input) : input_(input) {}

  template <FileStruct T>
  [[nodiscard]] std::optional<T> Take() {
    const auto bytes = TakeBytes(sizeof(T));
    if (!bytes) {
      return std::nullopt;
    }
    T value;
    std::memcpy(&value, bytes->data(), sizeof(T));
    return value;
  }

  [[nodiscard]] std::optional<ByteView> TakeBytes(std::uint64_t length) {
    const auto bytes = Slice(input_, position_, length);
    if (bytes) {
      position_ += bytes->size();
    }
    return bytes;
  }

  [[nodiscard]] bool Skip(std::uint64_t length) {
    return TakeBytes(length).has_value();
  }

  // Moves to an absolute position; false (and no move) when outside.
  [[nodiscard]] bool Seek(std::uint64_t position) {
    if (position > input_.size()) {
      return false;
    }
    position_ = static_cast<std::size_t>(position);
    return true;
  }

  // Skips to the next multiple of `alignment` (a power of two or not).
  [[nodiscard]] bool Align(std::uint64_t alignment) {
    const std::uint64_t over = position_ % alignment;
    return over == 0 || Skip(alignment - over);
  }

  [[nodiscard]] std::size_t consumed() const { return position_; }
  [[nodiscard]] std::size_t remaining() const {
    return input_.size() - position_;
  }

 private:
  ByteView input_;
  std::size_t position_ = 0;
};

// Reads a T at `offset` of `input`, or nothing when it does not fit.
template <FileStruct T>
[[nodiscard]] std::optional<T> ReadAt(ByteView input, std::uint64_t offset) {
  const auto bytes = Slice(input, offset, sizeof(T));
  if (!bytes) {
    return std::nullopt;
  }
  return ByteReader(*bytes).Take<T>();
}

}  // namespace assay
