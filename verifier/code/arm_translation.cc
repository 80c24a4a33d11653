#include "verifier/code/arm_translation.h"

#include <algorithm>

namespace assay::code {
namespace {

std::optional<Register> NumberOf(int name) {
  if (name >= ARM_REG_R0 && name <= ARM_REG_R12) {
    return static_cast<Register>(name - ARM_REG_R0);
  }
  return name == ARM_REG_SP   ? std::optional(kArmStack)
         : name == ARM_REG_LR ? std::optional(kArmLink)
         : name == ARM_REG_PC ? std::optional(kArmPc)
                              : std::nullopt;
}

Operand Word(std::uint64_t value) {
  return Immediate(static_cast<std::int64_t>(value & 0xffffffffU));
}

}  // namespace

// A2.3 of the Architecture Reference Manual: condition codes.
Condition ArmCondition(unsigned encoded) {
  using enum Condition;
  static constexpr Condition kConditions[] = {
      kEqual, kNotEqual, kNotLess, kLess, kLess, kNotLess, kOther, kOther,
      kMore,  kNotMore,  kNotLess, kLess, kMore, kNotMore, kOther, kOther};
  return kConditions[encoded & 15U];
}

ArmTranslation::ArmTranslation(const cs_insn& decoded, std::uint64_t address,
                               Instruction& into)
    : decoded_(decoded),
      detail_(decoded.detail->arm),
      into_(into),
      address_(address & ~std::uint64_t{1}),
      thumb_((address & 1U) != 0) {}

const cs_arm_op& ArmTranslation::At(unsigned index) const {
  static const cs_arm_op kNone = {};
  return index < std::min<unsigned>(detail_.op_count, 36)
             ? detail_.operands[index]
             : kNone;
}

std::optional<Register> ArmTranslation::NumberAt(unsigned index) const {
  return At(index).type == ARM_OP_REG ? NumberOf(At(index).reg) : std::nullopt;
}

std::uint64_t ArmTranslation::Pc() const {
  return address_ + (thumb_ ? 4 : 8);
}

std::uint64_t ArmTranslation::Target(unsigned index) const {
  return (static_cast<std::uint64_t>(At(index).imm) & 0xfffffffeU) |
         (thumb_ ? 1U : 0U);
}

Operand ArmTranslation::Read(unsigned index) const {
  const cs_arm_op& operand = At(index);
  if (operand.type == ARM_OP_MEM) {
    return Memory(index);
  }
  if (operand.type == ARM_OP_IMM) {
    auto value = static_cast<std::uint32_t>(operand.imm);
    if (At(index + 1).type == ARM_OP_IMM && index > 0 && !thumb_) {
      const auto turn = static_cast<unsigned>(At(index + 1).imm) & 31U;
      value = turn == 0 ? value : value >> turn | value << (32U - turn);
    }
    return Word(value);
  }
  const auto number = NumberAt(index);
  if (!number) {
    return {};
  }
  return *number == kArmPc ? Word(Pc()) : InRegister(*number);
}

Operand ArmTranslation::Memory(unsigned index) const {
  const cs_arm_op& operand = At(index);
  const auto base = NumberOf(operand.mem.base);
  const auto other = NumberOf(operand.mem.index);
  if (operand.type != ARM_OP_MEM || !base) {
    return {};
  }
  Operand memory = InMemory(*base, operand.mem.disp);
  if (*base == kArmPc) {
    memory.base = kNoRegister;
    memory.value = static_cast<std::int64_t>(
        ((Pc() & ~std::uint64_t{3}) +
         static_cast<std::uint64_t>(std::int64_t{operand.mem.disp})) &
        0xffffffffU);
  }
  if (!other) {
    return memory;
  }
  const bool added = !operand.subtracted && operand.mem.scale != -1 &&
                     (operand.shift.type == ARM_SFT_INVALID ||
                      operand.shift.type == ARM_SFT_LSL) &&
                     operand.shift.value < 8;
  if (!added) {
    return {};
  }
  memory.index = *other;
  memory.scale = static_cast<std::uint8_t>(1U << operand.shift.value);
  return memory;
}

bool ArmTranslation::IsPlain(unsigned index) const {
  return At(index).type != ARM_OP_REG ||
         At(index).shift.type == ARM_SFT_INVALID;
}

void ArmTranslation::Move(const Operand& to, const Operand& a) {
  if (to.is_register() && to.base == kArmPc) {
    const bool back = a.is_register() && a.base == kArmLink;
    into_.Add(back ? Does::kReturn : Does::kJump, {}, back ? Operand{} : a);
    return;
  }
  into_.Add(Does::kMove, to, a);
  if (detail_.update_flags && a.is_register()) {
    into_.Compare(Does::kCompare, to, Immediate(0));
  } else if (detail_.update_flags) {
    into_.Last().sets_flags = true;
  }
}

void ArmTranslation::Extend(std::uint8_t width, bool sign) {
  if (!IsPlain(1)) {
    into_.Add(Does::kCompute, Read(0), Read(1));
    return;
  }
  Operation& one = into_.Add(Does::kMove, Read(0), Read(1));
  one.width = width;
  one.extends = sign;
}

bool ArmTranslation::Moves() {
  const auto number = NumberAt(0);
  const Operand to = number ? InRegister(*number) : Operand{};
  switch (decoded_.id) {
    case ARM_INS_MOV:
    case ARM_INS_MOVW:
      if (!IsPlain(1)) {
        into_.Add(Does::kCompute, to, Read(1)).sets_flags =
            detail_.update_flags;
      } else {
        Move(to, Read(1));
      }
      return true;
    case ARM_INS_MVN:
      if (Read(1).is_immediate()) {
        Move(to, Word(~static_cast<std::uint64_t>(Read(1).value)));
      } else {
        into_.Add(Does::kCompute, to, Read(1)).sets_flags =
            detail_.update_flags;
      }
      return true;
    case ARM_INS_MOVT:
      into_.Add(Does::kAnd, to, to, Immediate(0xffff));
      into_.Add(Does::kOr, to, to,
                Word(static_cast<std::uint64_t>(Read(1).value) << 16U));
      return true;
    case ARM_INS_ADR:
      Move(to, Word((Pc() & ~std::uint64_t{3}) +
                    static_cast<std::uint64_t>(std::int64_t{At(1).imm})));
      return true;
    case ARM_INS_UXTB:
      Extend(1, false);
      return true;
    case ARM_INS_UXTH:
      Extend(2, false);
      return true;
    case ARM_INS_SXTB:
      Extend(1, true);
      return true;
    case ARM_INS_SXTH:
      Extend(2, true);
      return true;
    default:
      return false;
  }
}

// Of two operands, the first is also what is computed with.
void ArmTranslation::Calculate(Does does, bool swapped, bool inverted) {
  const auto number = NumberAt(0);
  const unsigned second = At(2).type == ARM_OP_INVALID ? 1 : 2;
  const Operand to = number ? InRegister(*number) : Operand{};
  const bool self = second == 1 && number && *number == kArmPc;
  Operand a = self ? Word(Pc()) : Read(second - 1);
  Operand b = Read(second);
  const bool plain = IsPlain(second);
  if (number && *number == kArmPc) {  // a switch, or back from an interrupt
    const bool back = a.is_register() && a.base == kArmLink;
    into_.Add(back ? Does::kReturn : Does::kJump, {},
              back              ? Operand{}
              : b.is_register() ? b
                                : a);
    return;
  }
  if (inverted && b.is_immediate()) {
    b = Word(~static_cast<std::uint64_t>(b.value));
  } else if (inverted) {
    does = Does::kCompute;
  }
  const bool constants = a.is_immediate() && b.is_immediate();
  if (constants && (does == Does::kAdd || does == Does::kSubtract)) {
    // An address next to this: of words, when it is read from there.
    const std::uint64_t pc = Pc() & ~std::uint64_t{3};
    const auto distance = static_cast<std::uint64_t>(b.value);
    Move(to, Word(does == Does::kAdd ? pc + distance : pc - distance));
    return;
  }
  const bool scaled = !plain && does == Does::kAdd && !detail_.update_flags &&
                      At(second).shift.type == ARM_SFT_LSL &&
                      At(second).shift.value < 8 && b.is_register();
  if (scaled) {
    Operand sum =
        a.is_immediate() ? InMemory(kNoRegister, a.value) : InMemory(a.base, 0);
    sum.index = b.base;
    sum.scale = static_cast<std::uint8_t>(1U << At(second).shift.value);
    into_.Add(Does::kAddress, to, sum);
    return;
  }
  if (swapped) {
    std::swap(a, b);
  }
  // Capstone says so of all of those that read the carry flag.
  const bool carries = decoded_.id == ARM_INS_ADC ||
                       decoded_.id == ARM_INS_SBC || decoded_.id == ARM_INS_RSC;
  into_.Add(plain ? does : Does::kCompute, to, a, b).sets_flags =
      detail_.update_flags && (!carries || decoded_.mnemonic[3] == 's');
}

bool ArmTranslation::Arithmetic() {
  switch (decoded_.id) {
    case ARM_INS_ADD:
    case ARM_INS_ADDW:
      Calculate(Does::kAdd);
      return true;
    case ARM_INS_SUB:
    case ARM_INS_SUBW:
      Calculate(Does::kSubtract);
      return true;
    case ARM_INS_RSB:
      Calculate(Does::kSubtract, true);
      return true;
    case ARM_INS_EOR:
      Calculate(Does::kXor);
      return true;
    case ARM_INS_AND:
      Calculate(Does::kAnd);
      return true;
    case ARM_INS_ORR:
      Calculate(Does::kOr);
      return true;
    case ARM_INS_BIC:
      Calculate(Does::kAnd, false, true);
      return true;
    case ARM_INS_ORN:
      Calculate(Does::kOr, false, true);
      return true;
    case ARM_INS_LSL:
    case ARM_INS_LSR:
    case ARM_INS_ASR:
    case ARM_INS_ROR:
    case ARM_INS_RRX:
      if (!IsPlain(1)) {
        into_.Add(Does::kCompute, Read(0), Read(1)).sets_flags =
            detail_.update_flags;
      } else {
        Calculate(Does::kCompute);
      }
      return true;
    case ARM_INS_ADC:
    case ARM_INS_SBC:
    case ARM_INS_RSC:
      Calculate(Does::kCompute);
      return true;
    default:
      return false;
  }
}

bool ArmTranslation::Compares() {
  const Operand a = Read(0);
  Operand b = IsPlain(1) ? Read(1) : Operand{};
  switch (decoded_.id) {
    case ARM_INS_CMP:
      into_.Compare(Does::kCompare, a, b);
      return true;
    case ARM_INS_CMN:
      b = b.is_immediate() ? Word(static_cast<std::uint64_t>(-b.value))
                           : Operand{};
      into_.Compare(Does::kCompare, a, b);
      return true;
    case ARM_INS_TST:
      into_.Compare(Does::kTest, a, b);
      return true;
    case ARM_INS_TEQ:
      into_.Compare(Does::kXor, a, b);
      return true;
    default:
      return false;
  }
}

bool ArmTranslation::Branches() {
  const std::uint64_t aligned = Pc() & ~std::uint64_t{3};
  switch (decoded_.id) {
    case ARM_INS_B:
      if (detail_.cc >= ARM_CC_EQ && detail_.cc < ARM_CC_AL) {
        into_.Branch(ArmCondition(static_cast<unsigned>(detail_.cc) -
                                  static_cast<unsigned>(ARM_CC_EQ)),
                     Target(0));
      } else {
        into_.Go(Does::kJump, Target(0));
      }
      return true;
    case ARM_INS_BL:
      into_.Go(Does::kCall, Target(0));
      return true;
    case ARM_INS_BLX:
      if (At(0).type == ARM_OP_IMM) {
        const std::uint64_t target = Target(0) & ~std::uint64_t{1};
        into_.Go(Does::kCall,
                 thumb_ ? target & ~std::uint64_t{3} : target | 1U);
      } else {
        into_.Add(Does::kCall, {}, Read(0));
      }
      return true;
    case ARM_INS_BX:
    case ARM_INS_BXJ:
      if (NumberAt(0) == kArmPc) {
        into_.Go(Does::kJump, aligned);
      } else {
        Move(InRegister(kArmPc), Read(0));
      }
      return true;
    case ARM_INS_CBZ:
    case ARM_INS_CBNZ:
      into_.Compare(Does::kCompare, Read(0), Immediate(0));
      into_.Branch(
          decoded_.id == ARM_INS_CBZ ? Condition::kEqual : Condition::kNotEqual,
          Target(1));
      return true;
    case ARM_INS_TBB:
    case ARM_INS_TBH: {
      const bool halves = decoded_.id == ARM_INS_TBH;
      Operand table = Memory(0);
      if (NumberOf(At(0).mem.base) == kArmPc) {
        table.value = static_cast<std::int64_t>(Pc());
      }
      table.scale = halves ? 2 : 1;
      into_.Add(Does::kJump, {}, table).width = halves ? 2 : 1;
      return true;
    }
    case ARM_INS_UDF:
    case ARM_INS_TRAP:
    case ARM_INS_BKPT:
    case ARM_INS_HLT:
      into_.Add(Does::kStop, {});
      return true;
    case ARM_INS_SVC:
      into_.Lose(InRegister(0));
      return true;
    default:
      return false;
  }
}

// Whatever else writes to registers.
void ArmTranslation::Rest() {
  if (decoded_.id == ARM_INS_PLD || decoded_.id == ARM_INS_PLDW ||
      decoded_.id == ARM_INS_PLI) {
    return;
  }
  const bool reads_system =
      decoded_.id == ARM_INS_MRC || decoded_.id == ARM_INS_MRC2 ||
      decoded_.id == ARM_INS_MRRC || decoded_.id == ARM_INS_MRRC2 ||
      decoded_.id == ARM_INS_MRS;
  unsigned written = 0;
  for (unsigned i = 0; i < detail_.op_count; ++i) {
    const bool writes = (At(i).access & CS_AC_WRITE) != 0 || reads_system;
    const auto number = NumberAt(i);
    if (!writes || !number || *number == kArmPc) {
      continue;
    }
    const bool one = written++ == 0 && i == 0 && !reads_system;
    into_.Add(one ? Does::kCompute : Does::kOther, InRegister(*number),
              one ? Read(1) : Operand{}, one ? Read(2) : Operand{});
  }
  const bool status =
      At(0).type == ARM_OP_REG && At(0).reg == ARM_REG_APSR_NZCV;
  if (detail_.update_flags || status) {
    into_.LoseFlags();
  }
}

void ArmTranslation::Run() {
  if (!Moves() && !Arithmetic() && !Compares() && !Branches() && !Accesses() &&
      !Lists()) {
    Rest();
  }
}

}  // namespace assay::code
