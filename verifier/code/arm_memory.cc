// Loads and stores of ARM and Thumb.

#include <algorithm>

#include "verifier/code/arm_translation.h"

namespace assay::code {
namespace {

struct AccessKind {
  unsigned id;
  bool loads;
  std::uint8_t width;
  bool extends;
  std::uint8_t first;  // operand
  std::uint8_t count;
};

constexpr AccessKind kAccesses[] = {{ARM_INS_LDR, true, 4, false, 0, 1},
                                    {ARM_INS_LDRT, true, 4, false, 0, 1},
                                    {ARM_INS_LDREX, true, 4, false, 0, 1},
                                    {ARM_INS_LDA, true, 4, false, 0, 1},
                                    {ARM_INS_LDAEX, true, 4, false, 0, 1},
                                    {ARM_INS_LDRB, true, 1, false, 0, 1},
                                    {ARM_INS_LDRBT, true, 1, false, 0, 1},
                                    {ARM_INS_LDREXB, true, 1, false, 0, 1},
                                    {ARM_INS_LDRH, true, 2, false, 0, 1},
                                    {ARM_INS_LDRHT, true, 2, false, 0, 1},
                                    {ARM_INS_LDREXH, true, 2, false, 0, 1},
                                    {ARM_INS_LDRSB, true, 1, true, 0, 1},
                                    {ARM_INS_LDRSBT, true, 1, true, 0, 1},
                                    {ARM_INS_LDRSH, true, 2, true, 0, 1},
                                    {ARM_INS_LDRSHT, true, 2, true, 0, 1},
                                    {ARM_INS_LDRD, true, 4, false, 0, 2},
                                    {ARM_INS_LDREXD, true, 4, false, 0, 2},
                                    {ARM_INS_STR, false, 4, false, 0, 1},
                                    {ARM_INS_STRT, false, 4, false, 0, 1},
                                    {ARM_INS_STL, false, 4, false, 0, 1},
                                    {ARM_INS_STRB, false, 1, false, 0, 1},
                                    {ARM_INS_STRBT, false, 1, false, 0, 1},
                                    {ARM_INS_STRH, false, 2, false, 0, 1},
                                    {ARM_INS_STRHT, false, 2, false, 0, 1},
                                    {ARM_INS_STRD, false, 4, false, 0, 2},
                                    {ARM_INS_STREX, false, 4, false, 1, 1},
                                    {ARM_INS_STLEX, false, 4, false, 1, 1},
                                    {ARM_INS_STREXB, false, 1, false, 1, 1},
                                    {ARM_INS_STREXH, false, 2, false, 1, 1},
                                    {ARM_INS_STREXD, false, 4, false, 1, 2}};

bool IsDouble(int name) {
  return name >= ARM_REG_D0 && name <= ARM_REG_D31;
}

}  // namespace

void ArmTranslation::Advance(const Operand& base, unsigned index) {
  const cs_arm_op& by = At(index);
  const Operand amount = Read(index);
  if (by.type == ARM_OP_IMM) {
    into_.Move(base,
               by.subtracted ? -std::int64_t{by.imm} : std::int64_t{by.imm});
  } else if (amount.is_register() && IsPlain(index)) {
    into_.Add(by.subtracted ? Does::kSubtract : Does::kAdd, base, base, amount);
  } else {
    into_.Lose(base);
  }
}

void ArmTranslation::JumpThrough(const Operand& memory) {
  into_.Add(Does::kJump, {}, memory);
}

// `count` operands from `first` on, and the memory that the next one names.
void ArmTranslation::Access(bool loads, std::uint8_t width, bool extends,
                            unsigned first, unsigned count) {
  const unsigned place = first + count;
  Operand memory = Memory(place);
  const bool after = detail_.writeback && At(place + 1).type != ARM_OP_INVALID;
  const auto number =
      At(place).type == ARM_OP_MEM ? static_cast<int>(At(place).mem.base) : 0;
  const Operand base = memory.is_memory() ? InRegister(memory.base) : Operand{};
  const bool moves = detail_.writeback && base.is_register();
  if (moves && !after) {
    if (memory.index != kNoRegister) {
      into_.Add(Does::kAddress, base, memory);
    } else {
      into_.Move(base, memory.value);
    }
    memory = InMemory(memory.base, 0);
  }
  const auto target = NumberAt(first);
  if (loads && target == kArmPc) {
    if (after && number == ARM_REG_SP) {
      Advance(base, place + 1);
      into_.Add(Does::kReturn, {});
    } else {
      JumpThrough(memory);
    }
    return;
  }
  const bool base_first =
      loads && count == 2 && base.is_register() && target == base.base;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned k = base_first ? count - 1 - i : i;
    Operand there = memory;
    there.value += memory.is_memory() ? std::int64_t{k} * width : 0;
    const Operand value = Read(first + k);
    Operation& one =
        into_.Add(Does::kMove, loads ? value : there, loads ? there : value);
    one.width = width;
    one.extends = extends;
  }
  if (moves && after) {
    Advance(base, place + 1);
  }
  if (first == 1) {
    into_.Lose(Read(0));  // whether it was stored
  }
}

bool ArmTranslation::Accesses() {
  const auto* kind = std::find_if(
      std::begin(kAccesses), std::end(kAccesses),
      [&](const AccessKind& one) { return one.id == decoded_.id; });
  if (kind == std::end(kAccesses)) {
    return false;
  }
  Access(kind->loads, kind->width, kind->extends, kind->first, kind->count);
  return true;
}

// The registers from operand 1 on: the first lies `before` behind what the
// base holds, which moves by `step` for each of them.
void ArmTranslation::List(bool loads, std::int64_t before, std::int64_t step) {
  const Operand base = Read(0);
  const unsigned count = detail_.op_count - 1U;
  bool back = false;
  bool base_loaded = false;
  std::int64_t base_at = 0;
  for (unsigned i = 0; base.is_register() && i < count; ++i) {
    const std::int64_t at = before + std::int64_t{4} * i;
    const auto number = NumberAt(1 + i);
    const Operand memory = InMemory(base.base, at);
    if (loads && number == kArmPc) {
      back = true;
    } else if (loads && number == base.base) {
      base_loaded = true;  // needed until the last one
      base_at = at;
    } else if (loads) {
      into_.Add(Does::kMove, Read(1 + i), memory);
    } else {
      into_.Add(Does::kMove, memory, Read(1 + i));
    }
  }
  if (base_loaded) {
    into_.Add(Does::kMove, base, InMemory(base.base, base_at));
  } else if (detail_.writeback && base.is_register()) {
    into_.Move(base, step * count);
  }
  if (back) {
    into_.Add(Does::kReturn, {});
  }
}

void ArmTranslation::Push(bool loads) {
  const unsigned count = detail_.op_count;
  bool back = false;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned k = loads ? i : count - 1 - i;
    const bool pc = NumberAt(k) == kArmPc;
    back = back || pc;
    if (loads) {
      into_.Add(Does::kPop, pc ? Operand{} : Read(k));
    } else {
      into_.Add(Does::kPush, {}, Read(k));
    }
  }
  if (loads && back) {
    into_.Add(Does::kReturn, {});
  }
}

// Registers that are not followed, and what they leave in those that are.
void ArmTranslation::Vectors() {
  std::int64_t bytes = 0;
  unsigned place = 0;
  for (unsigned i = 0; i < detail_.op_count; ++i) {
    const bool vector = At(i).type == ARM_OP_REG && !NumberAt(i);
    bytes += !vector ? 0 : IsDouble(At(i).reg) ? 8 : 4;
    place = At(i).type == ARM_OP_MEM ? i : place;
  }
  switch (decoded_.id) {
    case ARM_INS_VPUSH:
      return into_.Move(InRegister(kArmStack), -bytes);
    case ARM_INS_VPOP:
      return into_.Move(InRegister(kArmStack), bytes);
    case ARM_INS_VLDR:
    case ARM_INS_VSTR: {
      const bool loads = decoded_.id == ARM_INS_VLDR;
      const Operand memory = Memory(1);
      Operation& one = loads ? into_.Add(Does::kMove, {}, memory)
                             : into_.Add(Does::kOther, memory);
      one.width = static_cast<std::uint8_t>(bytes);
      return;
    }
    case ARM_INS_VLDMIA:
    case ARM_INS_VSTMIA:
    case ARM_INS_VLDMDB:
    case ARM_INS_VSTMDB:
      if (detail_.writeback && NumberAt(0)) {
        const bool down =
            decoded_.id == ARM_INS_VLDMDB || decoded_.id == ARM_INS_VSTMDB;
        into_.Move(Read(0), down ? -bytes : bytes);
      }
      return;
    default:
      break;
  }
  const Operand memory = Memory(place);
  const bool stores =
      decoded_.id >= ARM_INS_VST1 && decoded_.id <= ARM_INS_VST4;
  if (memory.is_memory() && stores) {
    into_.Add(Does::kOther, memory).width = static_cast<std::uint8_t>(bytes);
  }
  // Single elements of a register move it by less than what is counted here.
  if (memory.is_memory() && detail_.writeback) {
    const bool plain = At(place + 1).type == ARM_OP_INVALID &&
                       At(0).vector_index < 0 && At(0).neon_lane < 0;
    if (plain) {
      into_.Move(InRegister(memory.base), bytes);
    } else {
      into_.Lose(InRegister(memory.base));
    }
  }
}

bool ArmTranslation::Lists() {
  const auto count = std::int64_t{detail_.op_count} - 1;
  switch (decoded_.id) {
    case ARM_INS_PUSH:
    case ARM_INS_POP:
      Push(decoded_.id == ARM_INS_POP);
      return true;
    case ARM_INS_LDM:
    case ARM_INS_STM:
      List(decoded_.id == ARM_INS_LDM, 0, 4);
      return true;
    case ARM_INS_LDMIB:
    case ARM_INS_STMIB:
      List(decoded_.id == ARM_INS_LDMIB, 4, 4);
      return true;
    case ARM_INS_LDMDA:
    case ARM_INS_STMDA:
      List(decoded_.id == ARM_INS_LDMDA, -4 * (count - 1), -4);
      return true;
    case ARM_INS_LDMDB:
    case ARM_INS_STMDB:
      List(decoded_.id == ARM_INS_LDMDB, -4 * count, -4);
      return true;
    case ARM_INS_VPUSH:
    case ARM_INS_VPOP:
    case ARM_INS_VLDR:
    case ARM_INS_VSTR:
    case ARM_INS_VLDMIA:
    case ARM_INS_VSTMIA:
    case ARM_INS_VLDMDB:
    case ARM_INS_VSTMDB:
    case ARM_INS_VLD1:
    case ARM_INS_VLD2:
    case ARM_INS_VLD3:
    case ARM_INS_VLD4:
    case ARM_INS_VST1:
    case ARM_INS_VST2:
    case ARM_INS_VST3:
    case ARM_INS_VST4:
      Vectors();
      return true;
    default:
      return false;
  }
}

}  // namespace assay::code
