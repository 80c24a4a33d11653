#include "verifier/code/x86_mnemonics.h"

namespace assay::code {
namespace {

Mapped MapMoves(ZydisMnemonic mnemonic) {
  switch (mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVZX:
    case ZYDIS_MNEMONIC_MOVD:
    case ZYDIS_MNEMONIC_MOVQ:
    case ZYDIS_MNEMONIC_MOVAPS:
    case ZYDIS_MNEMONIC_MOVUPS:
    case ZYDIS_MNEMONIC_MOVDQA:
    case ZYDIS_MNEMONIC_MOVDQU:
      return {Does::kMove};
    case ZYDIS_MNEMONIC_MOVSX:
    case ZYDIS_MNEMONIC_MOVSXD:
      return {.does = Does::kMove, .extends = true};
    case ZYDIS_MNEMONIC_LEA:
      return {Does::kAddress};
    case ZYDIS_MNEMONIC_PUSH:
      return {Does::kPush};
    case ZYDIS_MNEMONIC_POP:
      return {Does::kPop};
    case ZYDIS_MNEMONIC_CALL:
      return {Does::kCall};
    case ZYDIS_MNEMONIC_JMP:
      return {Does::kJump};
    case ZYDIS_MNEMONIC_RET:
      return {Does::kReturn};
    case ZYDIS_MNEMONIC_HLT:
    case ZYDIS_MNEMONIC_UD2:
    case ZYDIS_MNEMONIC_INT3:
      return {Does::kStop};
    default:
      return {};
  }
}

Mapped MapArithmetic(ZydisMnemonic mnemonic) {
  switch (mnemonic) {
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_INC:
      return {Does::kAdd};
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_DEC:
      return {Does::kSubtract};
    case ZYDIS_MNEMONIC_XOR:
    case ZYDIS_MNEMONIC_PXOR:
      return {Does::kXor};
    case ZYDIS_MNEMONIC_AND:
      return {Does::kAnd};
    case ZYDIS_MNEMONIC_OR:
      return {Does::kOr};
    case ZYDIS_MNEMONIC_CMP:
      return {Does::kCompare};
    case ZYDIS_MNEMONIC_TEST:
      return {Does::kTest};
    case ZYDIS_MNEMONIC_SHL:
    case ZYDIS_MNEMONIC_SHR:
    case ZYDIS_MNEMONIC_SAR:
    case ZYDIS_MNEMONIC_ROL:
    case ZYDIS_MNEMONIC_ROR:
    case ZYDIS_MNEMONIC_IMUL:
    case ZYDIS_MNEMONIC_NOT:
    case ZYDIS_MNEMONIC_NEG:
    case ZYDIS_MNEMONIC_BSWAP:
      return {Does::kCompute};
    default:
      return {};
  }
}

struct Named {
  ZydisMnemonic jump, set, move;
  Condition condition;
};

Mapped MapConditions(ZydisMnemonic mnemonic) {
  using enum Condition;
  static constexpr Named kNames[] = {
      {ZYDIS_MNEMONIC_JZ, ZYDIS_MNEMONIC_SETZ, ZYDIS_MNEMONIC_CMOVZ, kEqual},
      {ZYDIS_MNEMONIC_JNZ, ZYDIS_MNEMONIC_SETNZ, ZYDIS_MNEMONIC_CMOVNZ,
       kNotEqual},
      {ZYDIS_MNEMONIC_JB, ZYDIS_MNEMONIC_SETB, ZYDIS_MNEMONIC_CMOVB, kLess},
      {ZYDIS_MNEMONIC_JL, ZYDIS_MNEMONIC_SETL, ZYDIS_MNEMONIC_CMOVL, kLess},
      {ZYDIS_MNEMONIC_JS, ZYDIS_MNEMONIC_SETS, ZYDIS_MNEMONIC_CMOVS, kLess},
      {ZYDIS_MNEMONIC_JNB, ZYDIS_MNEMONIC_SETNB, ZYDIS_MNEMONIC_CMOVNB,
       kNotLess},
      {ZYDIS_MNEMONIC_JNL, ZYDIS_MNEMONIC_SETNL, ZYDIS_MNEMONIC_CMOVNL,
       kNotLess},
      {ZYDIS_MNEMONIC_JNS, ZYDIS_MNEMONIC_SETNS, ZYDIS_MNEMONIC_CMOVNS,
       kNotLess},
      {ZYDIS_MNEMONIC_JNBE, ZYDIS_MNEMONIC_SETNBE, ZYDIS_MNEMONIC_CMOVNBE,
       kMore},
      {ZYDIS_MNEMONIC_JNLE, ZYDIS_MNEMONIC_SETNLE, ZYDIS_MNEMONIC_CMOVNLE,
       kMore},
      {ZYDIS_MNEMONIC_JBE, ZYDIS_MNEMONIC_SETBE, ZYDIS_MNEMONIC_CMOVBE,
       kNotMore},
      {ZYDIS_MNEMONIC_JLE, ZYDIS_MNEMONIC_SETLE, ZYDIS_MNEMONIC_CMOVLE,
       kNotMore},
      {ZYDIS_MNEMONIC_JO, ZYDIS_MNEMONIC_SETO, ZYDIS_MNEMONIC_CMOVO, kOther},
      {ZYDIS_MNEMONIC_JNO, ZYDIS_MNEMONIC_SETNO, ZYDIS_MNEMONIC_CMOVNO, kOther},
      {ZYDIS_MNEMONIC_JP, ZYDIS_MNEMONIC_SETP, ZYDIS_MNEMONIC_CMOVP, kOther},
      {ZYDIS_MNEMONIC_JNP, ZYDIS_MNEMONIC_SETNP, ZYDIS_MNEMONIC_CMOVNP,
       kOther}};
  for (const Named& one : kNames) {
    if (mnemonic == one.jump) {
      return {Does::kBranch, one.condition};
    }
    if (mnemonic == one.set) {
      return {Does::kSet, one.condition};
    }
    if (mnemonic == one.move) {
      return {Does::kSelect, one.condition};
    }
  }
  return {mnemonic == ZYDIS_MNEMONIC_JRCXZ || mnemonic == ZYDIS_MNEMONIC_JECXZ
              ? Does::kBranch
              : Does::kOther};
}

}  // namespace

Mapped Map(const ZydisDecodedInstruction& instruction) {
  Mapped mapped = MapMoves(instruction.mnemonic);
  if (mapped.does == Does::kOther) {
    mapped = MapArithmetic(instruction.mnemonic);
  }
  return mapped.does == Does::kOther ? MapConditions(instruction.mnemonic)
                                     : mapped;
}

}  // namespace assay::code
