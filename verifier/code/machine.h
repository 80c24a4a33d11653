// The processors whose code is read: how instructions are decoded, and where
// their calling conventions put arguments and results.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/code/operation.h"

namespace assay::code {

// Decodes one instruction after the other. One per thread.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  // Appends what the instruction at the beginning of `bytes` does, in order,
  // at least one operation, and gives its length in bytes; 0, and nothing
  // appended, when there is none. `address` is where it will run. Where the
  // processor has delay slots, a branch comes with the instruction behind it.
  virtual unsigned Decode(ByteView bytes, std::uint64_t address,
                          std::vector<Operation>& into) = 0;
};

struct Machine {
  std::string_view name = {};  // as in the fact elf.header
  std::unique_ptr<Decoder> (*decoder)() = nullptr;
  ByteOrder order = ByteOrder::kLittle;  // of what lies in memory
  // The mode of code by its looks, if they tell; nullptr: there is only one.
  std::optional<std::uint8_t> (*mode_of)(ByteView code) = nullptr;
  std::uint8_t word = 8;  // bytes of an address
  std::uint8_t step = 1;  // instructions begin at multiples of it
  std::uint8_t mode = 0;  // bits of a code address that are no part of
                          // it, but choose the instruction set
  Register stack = 0;     // the stack pointer
  Register result = 0;
  Register link = kNoRegister;     // where calls leave the way back
  Register table = kNoRegister;    // holds the function's own address on entry
  Register globals = kNoRegister;  // holds what Image::globals() tells
  bool stack_arguments = false;    // all arguments are on the stack
  std::uint8_t arguments = 0;      // how many are in registers
  std::uint8_t stack_start = 0;    // of the others: how far they begin from
                                   // where the stack pointer is at the call
  std::array<Register, 8> argument = {};
  std::uint32_t kept = 0;  // registers that a call leaves as they were, by bit
};

// The processor of an ELF object, by e_machine, EI_CLASS, byte order and
// e_flags; nullptr when its code is not read.
struct MachineKey {
  std::uint16_t machine = 0;
  bool is_64 = false;
  bool big = false;
  std::uint32_t flags = 0;
};
[[nodiscard]] const Machine* MachineOf(const MachineKey& key);

extern const Machine kX86_64;
extern const Machine kX86_32;
extern const Machine kMipsBig;
extern const Machine kMipsLittle;
extern const Machine kArm64;
extern const Machine kArm;

}  // namespace assay::code
