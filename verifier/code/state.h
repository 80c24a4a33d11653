// What registers and the stack hold at one place of a function.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/code/operation.h"
#include "verifier/code/value.h"

namespace assay::code {

struct Flags {
  Value left = {};  // compared with
  Value right = {};
  bool bits = false;  // of `left` those of `right` are asked
  std::uint8_t width = 0;
  friend bool operator==(const Flags&, const Flags&) = default;
};

struct FrameSlot {
  std::int64_t at = 0;
  std::uint8_t width = 0;
  Value value = {};
};

struct State {
  static constexpr std::size_t kMaxSlots = 512;

  std::array<Value, kRegisters> registers = {};
  std::vector<FrameSlot> frame = {};  // in order, none overlaps another
  Flags flags = {};

  [[nodiscard]] const Value& At(Register name) const {
    return registers.at(name % kRegisters);
  }
  void Set(Register name, const Value& value) {
    registers.at(name % kRegisters) = value;
  }
  // What was stored there, or a part of what was; by the order of bytes.
  [[nodiscard]] std::optional<Value> Load(std::int64_t at, std::uint8_t width,
                                          ByteOrder order) const;
  void Store(std::int64_t at, std::uint8_t width, const Value& value);
  // The first slot that begins at `at` or behind it.
  [[nodiscard]] std::vector<FrameSlot>::const_iterator From(
      std::int64_t at) const;
  // Forgets what a word at `at` and right behind it holds.
  void Forget(std::int64_t at, std::int64_t length);
  // The text that constants form from `at` on, up to a zero.
  [[nodiscard]] std::optional<std::string> TextAt(std::int64_t at,
                                                  ByteOrder order) const;

  // `length` bytes there, if all are constants.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> BytesAt(
      std::int64_t at, std::size_t length, ByteOrder order) const;

  // This and what holds at the end of another way; true when it lost anything.
  bool Meet(const State& other);
};

}  // namespace assay::code
