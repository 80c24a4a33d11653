// One ARM or Thumb instruction as operations, as if its condition held.
#pragma once

#include <capstone/capstone.h>

#include <optional>

#include "verifier/code/instruction.h"

namespace assay::code {

inline constexpr Register kArmStack = 13;
inline constexpr Register kArmLink = 14;
inline constexpr Register kArmPc = 15;

// Of a condition as it is encoded, 0 to 15.
[[nodiscard]] Condition ArmCondition(unsigned encoded);

class ArmTranslation {
 public:
  // Bit 0 of the address: it is Thumb. Borrows both.
  ArmTranslation(const cs_insn& decoded, std::uint64_t address,
                 Instruction& into);

  void Run();

 private:
  [[nodiscard]] const cs_arm_op& At(unsigned index) const;
  [[nodiscard]] std::optional<Register> NumberAt(unsigned index) const;
  [[nodiscard]] Operand Read(unsigned index) const;
  [[nodiscard]] Operand Memory(unsigned index) const;
  [[nodiscard]] std::uint64_t Pc() const;  // as instructions read it
  [[nodiscard]] std::uint64_t Target(unsigned index) const;
  [[nodiscard]] bool IsPlain(unsigned index) const;
  bool Moves();
  bool Arithmetic();
  bool Compares();
  bool Branches();
  bool Accesses();
  bool Lists();
  void Move(const Operand& to, const Operand& a);
  void Extend(std::uint8_t width, bool sign);
  void Calculate(Does does, bool swapped = false, bool inverted = false);
  void Access(bool loads, std::uint8_t width, bool extends, unsigned first,
              unsigned count);
  void Advance(const Operand& base, unsigned index);  // by operand `index`
  void JumpThrough(const Operand& memory);
  void List(bool loads, std::int64_t before, std::int64_t step);
  void Push(bool loads);
  void Vectors();
  void Rest();

  const cs_insn& decoded_;
  const cs_arm& detail_;
  Instruction& into_;
  std::uint64_t address_;  // without bit 0
  bool thumb_;
};

}  // namespace assay::code
