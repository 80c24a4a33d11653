// The instructions of MIPS32 one by one: what they do, and where they go.
// Encodings: MIPS Architecture for Programmers, volume II-A, appendix A.
#pragma once

#include <cstdint>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/code/operation.h"

namespace assay::code::mips {

inline constexpr Register kResult = 2;
inline constexpr Register kFourthArgument = 7;
inline constexpr Register kTable = 25;
inline constexpr Register kGlobals = 28;
inline constexpr Register kStack = 29;
inline constexpr Register kFrame = 30;
inline constexpr Register kLink = 31;
// Zero is an immediate here, and what the system keeps for itself is not seen
// in programs: their numbers stand for other things.
inline constexpr Register kHeld = 0;  // what a branch asks, while its slot runs
inline constexpr Register kHigh = 26;
inline constexpr Register kLow = 27;

// One instruction's fields.
struct Word {
  std::uint32_t bits = 0;

  [[nodiscard]] std::uint32_t Field(unsigned at, unsigned width) const {
    return bits >> at & ((1U << width) - 1U);
  }
  [[nodiscard]] std::uint32_t opcode() const { return Field(26, 6); }
  [[nodiscard]] std::uint32_t function() const { return Field(0, 6); }
  [[nodiscard]] std::uint32_t shift() const { return Field(6, 5); }
  [[nodiscard]] Register rs() const { return Named(21); }
  [[nodiscard]] Register rt() const { return Named(16); }
  [[nodiscard]] Register rd() const { return Named(11); }
  [[nodiscard]] std::int64_t number() const {
    return static_cast<std::int16_t>(bits & 0xffffU);
  }
  [[nodiscard]] std::int64_t bare_number() const { return bits & 0xffffU; }

 private:
  [[nodiscard]] Register Named(unsigned at) const {
    return static_cast<Register>(Field(at, 5));
  }
};

// Opcodes that are followed by a code of their own.
inline constexpr std::uint32_t kSpecial = 0x00;
inline constexpr std::uint32_t kRegisterImmediate = 0x01;
inline constexpr std::uint32_t kCop0 = 0x10;
inline constexpr std::uint32_t kCop1 = 0x11;
inline constexpr std::uint32_t kCop2 = 0x12;
inline constexpr std::uint32_t kCop1X = 0x13;
inline constexpr std::uint32_t kSpecial2 = 0x1c;
inline constexpr std::uint32_t kSpecial3 = 0x1f;

// Register 0 is zero: read as a number, written in vain.
[[nodiscard]] constexpr Operand Source(Register name) {
  return name == 0 ? Immediate(0) : InRegister(name);
}
[[nodiscard]] constexpr Operand Target(Register name) {
  return name == 0 ? Operand{} : InRegister(name);
}

// How a branch goes on.
struct Branch {
  enum class Kind : std::uint8_t { kNone, kIf, kCall, kJump };
  Kind kind = Kind::kNone;
  bool likely = false;  // the slot runs only if it is taken
  Condition condition = Condition::kOther;
  Operand a = {};  // compared; or the register that says where to
  Operand b = {};
  std::uint64_t target = 0;
};

// kNone: of an instruction that is no branch.
[[nodiscard]] Branch BranchOf(Word word, std::uint64_t address);

// Appends what an instruction does that is no branch. False, and nothing
// appended, when there is no such instruction.
[[nodiscard]] bool AddPlain(Word word, ByteOrder order,
                            std::vector<Operation>& into);

}  // namespace assay::code::mips
