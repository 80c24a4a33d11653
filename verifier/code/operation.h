// Machine code in a form that is the same for every processor: what one
// instruction does, as one or several operations on registers and memory.
#pragma once

#include <cstdint>

namespace assay::code {

// A processor's general registers, numbered as its ABI does, below kRegisters.
using Register = std::uint8_t;
inline constexpr std::size_t kRegisters = 32;
inline constexpr Register kNoRegister = 0xff;

struct Operand {
  enum class Kind : std::uint8_t {
    kNone,
    kRegister,   // `base`
    kImmediate,  // `value`
    kMemory,     // at base + index * scale + value; absolute without both
  };

  Kind kind = Kind::kNone;
  Register base = kNoRegister;
  Register index = kNoRegister;
  std::uint8_t scale = 1;
  std::int64_t value = 0;

  [[nodiscard]] bool is_register() const { return kind == Kind::kRegister; }
  [[nodiscard]] bool is_immediate() const { return kind == Kind::kImmediate; }
  [[nodiscard]] bool is_memory() const { return kind == Kind::kMemory; }
};

[[nodiscard]] constexpr Operand InRegister(Register name) {
  return {.kind = Operand::Kind::kRegister, .base = name};
}
[[nodiscard]] constexpr Operand Immediate(std::int64_t value) {
  return {.kind = Operand::Kind::kImmediate, .value = value};
}
[[nodiscard]] constexpr Operand InMemory(Register base, std::int64_t offset) {
  return {.kind = Operand::Kind::kMemory, .base = base, .value = offset};
}

enum class Does : std::uint8_t {
  kOther,    // nothing that is followed; `to` gets an unknown value
  kMove,     // to = a; loads and stores are moves from and to memory
  kAddress,  // to = the address of the memory operand a
  kAdd,      // to = a + b
  kSubtract,
  kXor,
  kAnd,
  kOr,
  kCompute,  // to = something made of a and b alone
  kCompare,  // the flags tell a - b
  kTest,     // the flags tell a & b
  kSet,      // to = 1 if `condition` holds, else 0
  kSelect,   // to = a if `condition` holds, else unchanged
  kPush,     // the stack grows by a word, a lies there
  kPop,      // to = the word there, and the stack shrinks
  kCall,     // of `target`, or of what a holds
  kJump,     // to `target`, or to what a holds
  kBranch,   // to `target` if `condition` holds
  kReturn,
  kStop,  // never goes on: a trap
};

enum class Condition : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,  // signed or not
  kNotLess,
  kMore,
  kNotMore,
  kOther,  // of flags that are not followed
};

[[nodiscard]] constexpr Condition Opposite(Condition condition) {
  using enum Condition;
  switch (condition) {
    case kEqual:
      return kNotEqual;
    case kNotEqual:
      return kEqual;
    case kLess:
      return kNotLess;
    case kNotLess:
      return kLess;
    case kMore:
      return kNotMore;
    case kNotMore:
      return kMore;
    case kOther:
      break;
  }
  return kOther;
}

struct Operation {
  Does does = Does::kOther;
  Condition condition = Condition::kOther;
  std::uint8_t width = 0;   // in bytes, of what is moved, computed or compared
  std::uint8_t length = 0;  // in bytes, of the instruction
  bool sets_flags = false;  // they tell its result against zero
  bool extends = false;     // kMove: the sign fills the register
  bool mixes = false;       // kCompute: each bit of the result depends on many
  std::uint64_t address = 0;  // of the instruction
  std::uint64_t target = 0;   // 0: not a constant one
  Operand to = {};
  Operand a = {};
  Operand b = {};
};

}  // namespace assay::code
