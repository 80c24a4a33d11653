// Values as bytes and back, for a reader who does not trust the writer: every
// length is checked against what is there, every enumerator against the last
// one, and what the values take in memory stays in proportion to the bytes.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::confine {

// The texts in static storage that a std::string_view of the model may be.
using Vocabulary = std::unordered_set<std::string_view>;

// The highest enumerator of an enum that crosses the wire.
template <typename E>
inline constexpr E kLast = E{};

// A record names its fields once, for both directions, by a specialisation of
//   template <> struct FieldsOf<T> {
//     static void Visit(auto& wire, auto& value) { wire(value.a, value.b); }
//   };
template <typename T>
struct FieldsOf;

template <typename T>
concept Enumeration = std::is_enum_v<T>;
template <typename T>
concept WireInteger = std::integral<T> && !std::same_as<T, bool>;

class WireWriter {
 public:
  template <typename... T>
  void operator()(const T&... values) {
    (Put(values), ...);
  }
  [[nodiscard]] Bytes& bytes() { return bytes_; }

 private:
  void Put(bool value) { bytes_.push_back(value ? 1 : 0); }
  template <WireInteger T>
  void Put(T value) {
    PutNumber(static_cast<std::uint64_t>(value));
  }
  template <Enumeration T>
  void Put(T value) {
    PutNumber(static_cast<std::uint64_t>(value));
  }
  void Put(double value) { PutNumber(std::bit_cast<std::uint64_t>(value)); }
  void Put(std::string_view text) { PutBytes(AsBytes(text)); }
  void Put(const std::string& text) { PutBytes(AsBytes(text)); }
  void Put(const Bytes& bytes) { PutBytes(bytes); }
  template <std::size_t size>
  void Put(const std::array<std::uint8_t, size>& bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  template <typename A, typename B>
  void Put(const std::pair<A, B>& pair) {
    Put(pair.first);
    Put(pair.second);
  }
  template <typename T>
  void Put(const std::optional<T>& value) {
    Put(value.has_value());
    if (value) {
      Put(*value);
    }
  }
  template <typename T>
  void Put(const std::vector<T>& items) {
    PutNumber(items.size());
    for (const T& item : items) {
      Put(item);
    }
  }
  template <typename T>
  requires std::is_class_v<T>
  void Put(const T& record) { FieldsOf<T>::Visit(*this, record); }

  // Seven bits a byte, the lowest first.
  void PutNumber(std::uint64_t value) {
    while (value > 0x7F) {
      bytes_.push_back(static_cast<std::uint8_t>(value | 0x80U));
      value >>= 7U;
    }
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }
  void PutBytes(ByteView bytes) {
    PutNumber(bytes.size());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  Bytes bytes_;
};

// Once something does not fit, ok() is false and every value read is empty.
class WireReader {
 public:
  WireReader(ByteView bytes, const Vocabulary& words)
      : rest_(bytes),
        words_(words),
        memory_(kMemoryFloor + bytes.size() * 40) {}

  template <typename... T>
  void operator()(T&... values) {
    (Get(values), ...);
  }
  // Whether everything fitted, and nothing is left.
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool whole() const { return ok_ && rest_.empty(); }
  [[nodiscard]] bool more() const { return ok_ && !rest_.empty(); }
  void Refuse() {
    ok_ = false;
    rest_ = {};
  }

 private:
  static constexpr std::uint64_t kMemoryFloor = 64U << 10U;

  void Get(bool& value) {
    const std::uint64_t number = TakeNumber();
    value = number == 1;
    if (number > 1) {
      Refuse();
    }
  }
  template <WireInteger T>
  void Get(T& value) {
    const std::uint64_t number = TakeNumber();
    value = static_cast<T>(number);
    if (static_cast<std::uint64_t>(value) != number) {
      value = 0;
      Refuse();
    }
  }
  template <Enumeration T>
  void Get(T& value) {
    const std::uint64_t number = TakeNumber();
    if (number > static_cast<std::uint64_t>(kLast<T>)) {
      Refuse();
    } else {
      value = static_cast<T>(number);
    }
  }
  void Get(double& value) { value = std::bit_cast<double>(TakeNumber()); }
  void Get(std::string_view& text) {
    const auto word = words_.find(AsText(TakeBytes(TakeNumber())));
    if (word == words_.end()) {
      Refuse();
    } else {
      text = *word;
    }
  }
  void Get(std::string& text) {
    text = std::string(AsText(TakeBytes(TakeNumber())));
  }
  void Get(Bytes& bytes) { bytes = CopyOf(TakeBytes(TakeNumber())); }
  template <std::size_t size>
  void Get(std::array<std::uint8_t, size>& bytes) {
    const ByteView taken = TakeBytes(size);
    std::copy(taken.begin(), taken.end(), bytes.begin());
  }
  template <typename A, typename B>
  void Get(std::pair<A, B>& pair) {
    Get(pair.first);
    Get(pair.second);
  }
  template <typename T>
  void Get(std::optional<T>& value) {
    bool there = false;
    Get(there);
    if (there) {
      Get(value.emplace());
    }
  }
  template <typename T>
  void Get(std::vector<T>& items) {
    const std::uint64_t count = TakeNumber();
    // Every item is at least one byte long.
    if (count > rest_.size() || count > memory_ / sizeof(T)) {
      Refuse();
      return;
    }
    memory_ -= count * sizeof(T);
    items.resize(static_cast<std::size_t>(count));
    for (T& item : items) {
      Get(item);
    }
  }
  template <typename T>
  requires std::is_class_v<T>
  void Get(T& record) { FieldsOf<T>::Visit(*this, record); }

  std::uint64_t TakeNumber() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const ByteView byte = TakeBytes(1);
      if (byte.empty()) {
        return 0;
      }
      const std::uint64_t bits = byte.front() & 0x7FU;
      if ((bits << shift >> shift) != bits) {
        break;
      }
      value |= bits << shift;
      if (byte.front() < 0x80) {
        return value;
      }
    }
    Refuse();
    return 0;
  }
  ByteView TakeBytes(std::uint64_t count) {
    if (count > rest_.size()) {
      Refuse();
      return {};
    }
    const ByteView taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

  ByteView rest_;
  const Vocabulary& words_;
  std::uint64_t memory_;  // what lists may still take
  bool ok_ = true;
};

}  // namespace assay::confine
