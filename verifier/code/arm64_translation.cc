#include "verifier/code/arm64_translation.h"

#include <algorithm>

namespace assay::code {
namespace {

std::int64_t Cut(std::int64_t value, std::uint8_t width) {
  return width == 8 ? value
                    : static_cast<std::int64_t>(
                          static_cast<std::uint64_t>(value) & 0xffffffffU);
}

}  // namespace

// C1.2.4.
Condition Arm64Condition(unsigned encoded) {
  using enum Condition;
  static constexpr Condition kConditions[] = {
      kEqual, kNotEqual, kNotLess, kLess, kLess, kNotLess, kOther, kOther,
      kMore,  kNotMore,  kNotLess, kLess, kMore, kNotMore, kOther, kOther};
  return kConditions[encoded & 15U];
}

void TranslateUndecoded(std::uint32_t word, Instruction& into) {
  const auto number = static_cast<Register>(word >> 5U & 31U);
  if (word >> 16U == 0) {  // UDF
    into.Add(Does::kStop, {});
  } else if ((word & 0xfffffbffU) == 0xd65f0bffU) {  // RETAA, RETAB
    into.Add(Does::kReturn, {});
  } else if ((word & 0xfefff800U) == 0xd61f0800U) {  // BRAA and its like
    into.Add(Does::kJump, {}, InRegister(number));
  } else if ((word & 0xfefff800U) == 0xd63f0800U) {  // BLRAA
    into.Add(Does::kCall, {}, InRegister(number));
  } else {
    const unsigned to = word & 31U;
    const unsigned status = word >> 16U & 31U;
    const bool compares = (word & 0x3fa07c00U) == 0x08a07c00U;  // CAS
    if (compares && status != 31) {
      into.Lose(InRegister(static_cast<Register>(status)));
    } else if (!compares && to != 31) {
      into.Lose(InRegister(static_cast<Register>(to)));
    }
  }
}

Arm64Translation::Arm64Translation(const cs_insn& decoded, Instruction& into)
    : decoded_(decoded),
      detail_(decoded.detail->arm64),
      into_(into),
      condition_(Condition::kOther) {
  if (detail_.cc >= ARM64_CC_EQ && detail_.cc <= ARM64_CC_NV) {
    condition_ = Arm64Condition(static_cast<unsigned>(detail_.cc) -
                                static_cast<unsigned>(ARM64_CC_EQ));
  }
  if (detail_.op_count > 0 && At(0).type == ARM64_OP_REG) {
    into_.SetWidth(Arm64Width(At(0).reg));
  }
}

const cs_arm64_op& Arm64Translation::At(unsigned index) const {
  static const cs_arm64_op kNone = {};
  return index < std::min<unsigned>(detail_.op_count, 8)
             ? detail_.operands[index]
             : kNone;
}

Operand Arm64Translation::Read(unsigned index) const {
  const cs_arm64_op& operand = At(index);
  switch (operand.type) {
    case ARM64_OP_REG: {
      const auto number = Arm64Register(operand.reg);
      return number                     ? InRegister(*number)
             : IsArm64Zero(operand.reg) ? Immediate(0)
                                        : Operand{};
    }
    case ARM64_OP_IMM: {
      const unsigned shift =
          operand.shift.type == ARM64_SFT_LSL ? operand.shift.value & 63U : 0;
      return Immediate(static_cast<std::int64_t>(
          static_cast<std::uint64_t>(operand.imm) << shift));
    }
    case ARM64_OP_MEM: {
      const auto base = Arm64Register(operand.mem.base);
      if (!base) {
        return {};
      }
      Operand memory = InMemory(*base, operand.mem.disp);
      if (const auto number = Arm64Register(operand.mem.index)) {
        memory.index = *number;
        memory.scale =
            static_cast<std::uint8_t>(1U << (operand.shift.value & 7U));
      }
      return memory;
    }
    default:
      return {};
  }
}

Operand Arm64Translation::To(unsigned index) const {
  const Operand to = Read(index);
  return to.is_immediate() ? Operand{} : to;
}

// Neither shifted nor, apart from a register's upper half, extended.
bool Arm64Translation::IsPlain(unsigned index) const {
  const cs_arm64_op& operand = At(index);
  return operand.type != ARM64_OP_REG ||
         (operand.shift.value == 0 &&
          (operand.ext == ARM64_EXT_INVALID || operand.ext == ARM64_EXT_UXTX ||
           operand.ext == ARM64_EXT_SXTX));
}

bool Arm64Translation::Moves() {
  const Operand to = To(0);
  const auto extend = [&](std::uint8_t width, bool sign) {
    into_.Add(Does::kMove, to, Read(1)).width = width;
    if (sign) {
      into_.Last().extends = true;
    }
  };
  switch (decoded_.id) {
    case ARM64_INS_MOV:
    case ARM64_INS_MOVZ:
    case ARM64_INS_ADR:
    case ARM64_INS_ADRP:
      into_.Add(Does::kMove, to, Read(1));
      return true;
    case ARM64_INS_MOVN:
      into_.Add(Does::kMove, to, Immediate(Cut(~Read(1).value, into_.width())));
      return true;
    case ARM64_INS_MOVK: {
      const unsigned shift = At(1).shift.value & 63U;
      const auto mask =
          static_cast<std::int64_t>(std::uint64_t{0xffff} << shift);
      into_.Add(Does::kAnd, to, to, Immediate(Cut(~mask, into_.width())));
      into_.Add(Does::kOr, to, to, Read(1));
      return true;
    }
    case ARM64_INS_UXTB:
      extend(1, false);
      return true;
    case ARM64_INS_UXTH:
      extend(2, false);
      return true;
    case ARM64_INS_UXTW:
      extend(4, false);
      return true;
    case ARM64_INS_SXTB:
      extend(1, true);
      return true;
    case ARM64_INS_SXTH:
      extend(2, true);
      return true;
    case ARM64_INS_SXTW:
      extend(4, true);
      return true;
    default:
      return false;
  }
}

void Arm64Translation::Calculate(Does does) {
  const Operand to = To(0);
  const Operand a = Read(1);
  const Operand b = Read(2);
  const bool orr = does == Does::kOr && a.is_immediate() && IsPlain(2);
  if (orr) {  // a constant that MOV does not have
    into_.Add(Does::kMove, to,
              b.is_immediate() ? Immediate(Cut(b.value, into_.width())) : b);
    return;
  }
  const unsigned shift = At(2).shift.value;
  if (!IsPlain(2) && does == Does::kAdd && !detail_.update_flags &&
      a.is_register() && b.is_register() && shift < 8 &&
      At(2).shift.type <= ARM64_SFT_LSL) {
    Operand sum = a;
    sum.kind = Operand::Kind::kMemory;
    sum.index = b.base;
    sum.scale = static_cast<std::uint8_t>(1U << shift);
    into_.Add(Does::kAddress, to, sum);
    return;
  }
  into_.Add(IsPlain(2) ? does : Does::kCompute, to, a, b).sets_flags =
      detail_.update_flags;
}

void Arm64Translation::Comparison() {
  const bool narrow = At(1).ext != ARM64_EXT_INVALID && At(1).shift.value == 0;
  const bool plain = IsPlain(1) || narrow;
  Operand b = plain ? Read(1) : Operand{};
  switch (decoded_.id) {
    case ARM64_INS_TST:
      return into_.Compare(Does::kTest, Read(0), b);
    case ARM64_INS_CMN:
    case ARM64_INS_CCMN:
      b = b.is_immediate() ? Immediate(Cut(-b.value, into_.width()))
                           : Operand{};
      return into_.Compare(Does::kCompare, Read(0), b);
    default:
      return into_.Compare(Does::kCompare, Read(0), b);
  }
}

bool Arm64Translation::Arithmetic() {
  switch (decoded_.id) {
    case ARM64_INS_ADD:
      Calculate(Does::kAdd);
      return true;
    case ARM64_INS_SUB:
      Calculate(Does::kSubtract);
      return true;
    case ARM64_INS_EOR:
      Calculate(Does::kXor);
      return true;
    case ARM64_INS_AND:
      Calculate(Does::kAnd);
      return true;
    case ARM64_INS_ORR:
      Calculate(Does::kOr);
      return true;
    case ARM64_INS_CMP:
    case ARM64_INS_CMN:
    case ARM64_INS_TST:
      Comparison();
      return true;
    case ARM64_INS_CCMP:
    case ARM64_INS_CCMN:
      into_.LoseFlags();
      return true;
    default:
      return false;
  }
}

// to = operand 1 if the condition holds, else `otherwise`.
void Arm64Translation::Select(const Operand& otherwise) {
  const Operand to = To(0);
  const Operand a = Read(1);
  if (a.is_register() && a.base == to.base) {
    into_.Select(Opposite(condition_), to, otherwise);
    return;
  }
  const bool same = otherwise.is_register() && otherwise.base == to.base;
  if (!same) {
    into_.Add(Does::kMove, to, otherwise);
  }
  into_.Select(condition_, to, a);
}

bool Arm64Translation::Selects() {
  const Operand to = To(0);
  const Operand a = Read(1);
  const Operand b = Read(2);
  switch (decoded_.id) {
    case ARM64_INS_CSET:
      into_.Add(Does::kSet, to).condition = condition_;
      return true;
    case ARM64_INS_CSETM:
      into_.Add(Does::kMove, to, Immediate(0));
      into_.Select(condition_, to, Immediate(Cut(-1, into_.width())));
      return true;
    case ARM64_INS_CSEL:
      Select(b);
      return true;
    case ARM64_INS_CSINC:
    case ARM64_INS_CSINV: {
      const bool adds = decoded_.id == ARM64_INS_CSINC;
      if (b.is_immediate()) {
        Select(Immediate(adds ? 1 : Cut(-1, into_.width())));
        return true;
      }
      if (adds && !(a.is_register() && a.base == to.base)) {
        into_.Add(Does::kAdd, to, b, Immediate(1));
        into_.Select(condition_, to, a);
        return true;
      }
      into_.Add(Does::kCompute, to, a, b);
      return true;
    }
    case ARM64_INS_CSNEG:
    case ARM64_INS_CINC:
    case ARM64_INS_CINV:
    case ARM64_INS_CNEG:
      into_.Add(Does::kCompute, to, a, b.is_register() ? b : Immediate(1));
      return true;
    default:
      return false;
  }
}

bool Arm64Translation::Branches() {
  const auto target = [&](unsigned index) {
    return static_cast<std::uint64_t>(At(index).imm);
  };
  switch (decoded_.id) {
    case ARM64_INS_B:
      if (detail_.cc >= ARM64_CC_EQ && detail_.cc < ARM64_CC_AL) {
        into_.Branch(condition_, target(0));
      } else {
        into_.Go(Does::kJump, target(0));
      }
      return true;
    case ARM64_INS_BL:
      into_.Go(Does::kCall, target(0));
      return true;
    case ARM64_INS_BR:
    case ARM64_INS_BLR:
      into_.Add(decoded_.id == ARM64_INS_BR ? Does::kJump : Does::kCall, {},
                Read(0));
      return true;
    case ARM64_INS_RET:
      into_.Add(Does::kReturn, {});
      return true;
    case ARM64_INS_CBZ:
    case ARM64_INS_CBNZ:
      into_.Compare(Does::kCompare, Read(0), Immediate(0));
      into_.Branch(decoded_.id == ARM64_INS_CBZ ? Condition::kEqual
                                                : Condition::kNotEqual,
                   target(1));
      return true;
    case ARM64_INS_TBZ:
    case ARM64_INS_TBNZ:
      into_.Compare(Does::kTest, Read(0),
                    Immediate(static_cast<std::int64_t>(std::uint64_t{1}
                                                        << (target(1) & 63U))));
      into_.Branch(decoded_.id == ARM64_INS_TBZ ? Condition::kEqual
                                                : Condition::kNotEqual,
                   target(2));
      return true;
    case ARM64_INS_BRK:
    case ARM64_INS_HLT:
      into_.Add(Does::kStop, {});
      return true;
    case ARM64_INS_SVC:
      into_.Lose(InRegister(0));
      return true;
    default:
      return false;
  }
}

// Whatever else writes to registers.
void Arm64Translation::Rest() {
  if (decoded_.id == ARM64_INS_PRFM || decoded_.id == ARM64_INS_PRFUM) {
    return;  // only a hint
  }
  const Operand to = To(0);
  if (to.is_register()) {
    into_.Add(Does::kCompute, to, Read(1), Read(2));
  }
  for (unsigned i = 0; i < detail_.op_count; ++i) {
    const Operand memory = Read(i);
    if (!memory.is_memory()) {
      continue;
    }
    if ((At(i).access & CS_AC_WRITE) != 0 && !to.is_register()) {
      into_.Add(Does::kOther, memory).width = 16;
    }
    const Operand base = InRegister(memory.base);
    if (detail_.writeback && At(i + 1).type == ARM64_OP_IMM) {
      into_.Move(base, At(i + 1).imm);
    } else if (detail_.writeback) {
      into_.Lose(base);
    }
  }
  const std::size_t written =
      std::min<std::size_t>(decoded_.detail->regs_write_count,
                            std::size(decoded_.detail->regs_write));
  bool flags = detail_.update_flags;
  for (std::size_t i = 0; i < written; ++i) {
    flags = flags || decoded_.detail->regs_write[i] == ARM64_REG_NZCV;
  }
  if (flags) {
    into_.LoseFlags();
  }
}

void Arm64Translation::Run() {
  if (!Moves() && !Arithmetic() && !Selects() && !Branches() && !Memory()) {
    Rest();
  }
}

}  // namespace assay::code
