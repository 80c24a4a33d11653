// One AArch64 instruction as operations.
#pragma once

#include <capstone/capstone.h>

#include <optional>

#include "verifier/code/instruction.h"

namespace assay::code {

// General registers by number; the zero register and those of vectors: none.
[[nodiscard]] std::optional<Register> Arm64Register(arm64_reg name);
[[nodiscard]] bool IsArm64Zero(arm64_reg name);
[[nodiscard]] std::uint8_t Arm64Width(arm64_reg name);

// Of a condition as it is encoded, 0 to 15.
[[nodiscard]] Condition Arm64Condition(unsigned encoded);

// What newer processors know and Capstone does not.
void TranslateUndecoded(std::uint32_t word, Instruction& into);

class Arm64Translation {
 public:
  // Borrows both.
  Arm64Translation(const cs_insn& decoded, Instruction& into);

  void Run();
  // Of a conditional comparison, as if its condition held.
  void Comparison();

 private:
  [[nodiscard]] const cs_arm64_op& At(unsigned index) const;
  [[nodiscard]] Operand Read(unsigned index) const;
  [[nodiscard]] Operand To(unsigned index) const;  // as what is written
  [[nodiscard]] bool IsPlain(unsigned index) const;
  bool Moves();
  bool Arithmetic();
  bool Selects();
  bool Branches();
  bool Memory();
  void Calculate(Does does);
  void Select(const Operand& otherwise);
  void Access(bool loads, std::uint8_t width, bool extends, unsigned first,
              unsigned count);
  void Rest();

  const cs_insn& decoded_;
  const cs_arm64& detail_;
  Instruction& into_;
  Condition condition_;
};

}  // namespace assay::code
