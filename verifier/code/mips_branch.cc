#include "verifier/code/mips_instructions.h"

namespace assay::code::mips {
namespace {

std::uint64_t Near(Word word, std::uint64_t address) {
  const auto distance = static_cast<std::uint64_t>(word.number()) << 2U;
  return (address + 4 + distance) & 0xffffffffU;
}

Branch Conditional(Word word, std::uint64_t address, Condition condition) {
  Branch branch = {.kind = Branch::Kind::kIf,
                   .condition = condition,
                   .a = Source(word.rs()),
                   .b = Immediate(0),
                   .target = Near(word, address)};
  return branch;
}

// bltz, bgez, bltzl, bgezl, and with 0x10 the same with a link.
Branch BranchOnSign(Word word, std::uint64_t address) {
  const std::uint32_t code = word.rt();
  if ((code & ~0x13U) != 0) {
    return {};
  }
  const bool not_less = (code & 1U) != 0;
  Branch branch = Conditional(
      word, address, not_less ? Condition::kNotLess : Condition::kLess);
  branch.likely = (code & 2U) != 0;
  if ((code & 0x10U) != 0) {
    branch.kind = Branch::Kind::kCall;
    branch.a = {};
  }
  return branch;
}

Branch BranchOnEqual(Word word, std::uint64_t address) {
  Branch branch = Conditional(
      word, address,
      (word.opcode() & 1U) == 0 ? Condition::kEqual : Condition::kNotEqual);
  branch.likely = word.opcode() >= 0x14;
  if (word.rs() == 0) {
    branch.a = Source(word.rt());
  } else {
    branch.b = Source(word.rt());
  }
  if (word.rs() == word.rt() && branch.condition == Condition::kEqual) {
    branch.kind = Branch::Kind::kJump;
    branch.a = {};
  }
  return branch;
}

}  // namespace

Branch BranchOf(Word word, std::uint64_t address) {
  using Kind = Branch::Kind;
  const std::uint32_t opcode = word.opcode();
  switch (opcode) {
    case kSpecial:
      if (word.function() == 0x08 ||
          (word.function() == 0x09 && word.rd() == 0)) {
        return {.kind = Kind::kJump, .a = Source(word.rs())};
      }
      return word.function() == 0x09
                 ? Branch{.kind = Kind::kCall, .a = Source(word.rs())}
                 : Branch{};
    case kRegisterImmediate:
      return BranchOnSign(word, address);
    case 0x02:
    case 0x03:
      return {.kind = opcode == 0x02 ? Kind::kJump : Kind::kCall,
              .target = ((address + 4) & 0xf0000000U) |
                        std::uint64_t{word.Field(0, 26)} << 2U};
    case 0x1d:  // jalx: to code that is not read
      return {.kind = Kind::kCall};
    case 0x04:
    case 0x05:
    case 0x14:
    case 0x15:
      return BranchOnEqual(word, address);
    case 0x06:
    case 0x07:
    case 0x16:
    case 0x17: {
      Branch branch = Conditional(
          word, address,
          (opcode & 1U) == 0 ? Condition::kNotMore : Condition::kMore);
      branch.likely = opcode >= 0x14;
      return branch;
    }
    case kCop1:
    case kCop2: {
      Branch branch = Conditional(word, address, Condition::kOther);
      branch.a = {};
      branch.likely = (word.rt() & 2U) != 0;
      return word.rs() == 0x08 ? branch : Branch{};
    }
    default:
      return {};
  }
}

}  // namespace assay::code::mips
