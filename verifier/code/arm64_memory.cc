// Registers, loads and stores of AArch64.

#include <algorithm>

#include "verifier/code/arm64_translation.h"

namespace assay::code {
namespace {

struct AccessKind {
  unsigned id;
  bool loads;
  std::uint8_t width;  // 0: as the register
  bool extends;
  std::uint8_t first;  // operand
  std::uint8_t count;
};

constexpr AccessKind kAccesses[] = {{ARM64_INS_LDR, true, 0, false, 0, 1},
                                    {ARM64_INS_LDUR, true, 0, false, 0, 1},
                                    {ARM64_INS_LDTR, true, 0, false, 0, 1},
                                    {ARM64_INS_LDAR, true, 0, false, 0, 1},
                                    {ARM64_INS_LDXR, true, 0, false, 0, 1},
                                    {ARM64_INS_LDAXR, true, 0, false, 0, 1},
                                    {ARM64_INS_LDRB, true, 1, false, 0, 1},
                                    {ARM64_INS_LDURB, true, 1, false, 0, 1},
                                    {ARM64_INS_LDTRB, true, 1, false, 0, 1},
                                    {ARM64_INS_LDARB, true, 1, false, 0, 1},
                                    {ARM64_INS_LDXRB, true, 1, false, 0, 1},
                                    {ARM64_INS_LDAXRB, true, 1, false, 0, 1},
                                    {ARM64_INS_LDRH, true, 2, false, 0, 1},
                                    {ARM64_INS_LDURH, true, 2, false, 0, 1},
                                    {ARM64_INS_LDTRH, true, 2, false, 0, 1},
                                    {ARM64_INS_LDARH, true, 2, false, 0, 1},
                                    {ARM64_INS_LDXRH, true, 2, false, 0, 1},
                                    {ARM64_INS_LDAXRH, true, 2, false, 0, 1},
                                    {ARM64_INS_LDRSB, true, 1, true, 0, 1},
                                    {ARM64_INS_LDURSB, true, 1, true, 0, 1},
                                    {ARM64_INS_LDTRSB, true, 1, true, 0, 1},
                                    {ARM64_INS_LDRSH, true, 2, true, 0, 1},
                                    {ARM64_INS_LDURSH, true, 2, true, 0, 1},
                                    {ARM64_INS_LDTRSH, true, 2, true, 0, 1},
                                    {ARM64_INS_LDRSW, true, 4, true, 0, 1},
                                    {ARM64_INS_LDURSW, true, 4, true, 0, 1},
                                    {ARM64_INS_LDTRSW, true, 4, true, 0, 1},
                                    {ARM64_INS_LDP, true, 0, false, 0, 2},
                                    {ARM64_INS_LDNP, true, 0, false, 0, 2},
                                    {ARM64_INS_LDXP, true, 0, false, 0, 2},
                                    {ARM64_INS_LDAXP, true, 0, false, 0, 2},
                                    {ARM64_INS_LDPSW, true, 4, true, 0, 2},
                                    {ARM64_INS_STR, false, 0, false, 0, 1},
                                    {ARM64_INS_STUR, false, 0, false, 0, 1},
                                    {ARM64_INS_STTR, false, 0, false, 0, 1},
                                    {ARM64_INS_STLR, false, 0, false, 0, 1},
                                    {ARM64_INS_STRB, false, 1, false, 0, 1},
                                    {ARM64_INS_STURB, false, 1, false, 0, 1},
                                    {ARM64_INS_STTRB, false, 1, false, 0, 1},
                                    {ARM64_INS_STLRB, false, 1, false, 0, 1},
                                    {ARM64_INS_STRH, false, 2, false, 0, 1},
                                    {ARM64_INS_STURH, false, 2, false, 0, 1},
                                    {ARM64_INS_STTRH, false, 2, false, 0, 1},
                                    {ARM64_INS_STLRH, false, 2, false, 0, 1},
                                    {ARM64_INS_STP, false, 0, false, 0, 2},
                                    {ARM64_INS_STNP, false, 0, false, 0, 2},
                                    {ARM64_INS_STXR, false, 0, false, 1, 1},
                                    {ARM64_INS_STLXR, false, 0, false, 1, 1},
                                    {ARM64_INS_STXRB, false, 1, false, 1, 1},
                                    {ARM64_INS_STLXRB, false, 1, false, 1, 1},
                                    {ARM64_INS_STXRH, false, 2, false, 1, 1},
                                    {ARM64_INS_STLXRH, false, 2, false, 1, 1},
                                    {ARM64_INS_STXP, false, 0, false, 1, 2},
                                    {ARM64_INS_STLXP, false, 0, false, 1, 2}};

}  // namespace

std::optional<Register> Arm64Register(arm64_reg name) {
  if (name >= ARM64_REG_X0 && name <= ARM64_REG_X28) {
    return static_cast<Register>(name - ARM64_REG_X0);
  }
  if (name >= ARM64_REG_W0 && name <= ARM64_REG_W30) {
    return static_cast<Register>(name - ARM64_REG_W0);
  }
  switch (name) {
    case ARM64_REG_X29:
      return Register{29};
    case ARM64_REG_X30:
      return Register{30};
    case ARM64_REG_SP:
    case ARM64_REG_WSP:
      return Register{31};
    default:
      return std::nullopt;
  }
}

bool IsArm64Zero(arm64_reg name) {
  return name == ARM64_REG_XZR || name == ARM64_REG_WZR;
}

std::uint8_t Arm64Width(arm64_reg name) {
  if (Arm64Register(name) || IsArm64Zero(name)) {
    const bool half = (name >= ARM64_REG_W0 && name <= ARM64_REG_W30) ||
                      name == ARM64_REG_WZR || name == ARM64_REG_WSP;
    return half ? 4 : 8;
  }
  return name >= ARM64_REG_B0 && name < ARM64_REG_D0   ? 1
         : name >= ARM64_REG_D0 && name < ARM64_REG_H0 ? 8
         : name >= ARM64_REG_H0 && name < ARM64_REG_Q0 ? 2
         : name >= ARM64_REG_S0 && name < ARM64_REG_W0 ? 4
                                                       : 16;
}

// `count` operands from `first` on, and the memory that the next one names.
void Arm64Translation::Access(bool loads, std::uint8_t width, bool extends,
                              unsigned first, unsigned count) {
  const cs_arm64_op& place = At(first + count);
  const bool literal = place.type == ARM64_OP_IMM;
  Operand memory =
      literal ? InMemory(kNoRegister, place.imm) : Read(first + count);
  const Operand base = InRegister(memory.base);
  const bool after = At(first + count + 1).type == ARM64_OP_IMM;
  if (detail_.writeback && !after && memory.is_memory()) {
    into_.Move(base, memory.value);
    memory.value = 0;
  }
  const std::uint8_t step = width != 0 ? width : Arm64Width(At(first).reg);
  const auto move = [&](unsigned i) {
    Operand there = memory;
    there.value += static_cast<std::int64_t>(i) * step;
    const Operand value = loads ? To(first + i) : Read(first + i);
    Operation& one =
        into_.Add(Does::kMove, loads ? value : there, loads ? there : value);
    one.width = step;
    one.extends = extends;
  };
  if (memory.is_memory()) {
    // The base is needed until the last one.
    const Operand to = To(first);
    const bool last_first =
        loads && count == 2 && to.is_register() && to.base == memory.base;
    for (unsigned i = 0; i < count; ++i) {
      move(last_first ? count - 1 - i : i);
    }
  }
  if (detail_.writeback && after && memory.is_memory()) {
    into_.Move(base, At(first + count + 1).imm);
  }
  if (first == 1) {
    into_.Lose(To(0));  // whether it was stored
  }
}

bool Arm64Translation::Memory() {
  const auto* kind = std::find_if(
      std::begin(kAccesses), std::end(kAccesses),
      [&](const AccessKind& one) { return one.id == decoded_.id; });
  if (kind == std::end(kAccesses)) {
    return false;
  }
  Access(kind->loads, kind->width, kind->extends, kind->first, kind->count);
  return true;
}

}  // namespace assay::code
