// x86 and x86-64, decoded by Zydis. Calling conventions: System V ABI, AMD64
// Architecture Processor Supplement 3.2; Intel386 Supplement 3.
// Registers: 0-15 rax rcx rdx rbx rsp rbp rsi rdi r8-r15, 16-31 xmm0-xmm15.

#include <Zydis/Zydis.h>

#include <algorithm>
#include <optional>

#include "verifier/code/machine.h"
#include "verifier/code/x86_mnemonics.h"

namespace assay::code {
namespace {

constexpr Register kRax = 0;
constexpr Register kRcx = 1;
constexpr Register kRdx = 2;
constexpr Register kRsi = 6;
constexpr Register kRdi = 7;
constexpr Register kRsp = 4;
constexpr Register kRbp = 5;
constexpr Register kXmm0 = 16;

// ah, ch, dh, bh: the second bytes of registers 0 to 3.
std::optional<Register> HighByteOf(const ZydisDecodedOperand& operand) {
  const bool high = operand.type == ZYDIS_OPERAND_TYPE_REGISTER &&
                    operand.reg.value >= ZYDIS_REGISTER_AH &&
                    operand.reg.value <= ZYDIS_REGISTER_BH;
  return high ? std::optional(static_cast<Register>(operand.reg.value -
                                                    ZYDIS_REGISTER_AH))
              : std::nullopt;
}

bool Halves(ZydisMnemonic mnemonic) {
  return mnemonic == ZYDIS_MNEMONIC_MUL || mnemonic == ZYDIS_MNEMONIC_DIV ||
         mnemonic == ZYDIS_MNEMONIC_IDIV;
}

// As `rcx` says.
bool CopiesMany(ZydisMnemonic mnemonic) {
  return mnemonic == ZYDIS_MNEMONIC_MOVSB || mnemonic == ZYDIS_MNEMONIC_MOVSD ||
         mnemonic == ZYDIS_MNEMONIC_MOVSQ;
}

class X86Decoder : public Decoder {
 public:
  explicit X86Decoder(bool is_64)
      : mode_(is_64 ? ZYDIS_MACHINE_MODE_LONG_64
                    : ZYDIS_MACHINE_MODE_LONG_COMPAT_32) {
    ZydisDecoderInit(&decoder_, mode_,
                     is_64 ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32);
  }

  unsigned Decode(ByteView bytes, std::uint64_t address,
                  std::vector<Operation>& into) override;

 private:
  // The register's number, if it is followed whole or from its beginning.
  [[nodiscard]] std::optional<Register> NumberOf(ZydisRegister name) const;
  [[nodiscard]] Operand OperandOf(const ZydisDecodedOperand& operand) const;
  // Registers that an instruction writes, without saying what.
  void Clobber(const Operation& form, std::vector<Operation>& into) const;
  void Multiply(Operation operation, std::vector<Operation>& into) const;
  void Arithmetic(Operation operation, unsigned operands,
                  std::vector<Operation>& into) const;
  void Add(Operation operation, unsigned operands,
           std::vector<Operation>& into) const;

  ZydisMachineMode mode_;
  ZydisDecoder decoder_ = {};
  ZydisDecodedInstruction instruction_ = {};
  std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands_ = {};
};

std::optional<Register> X86Decoder::NumberOf(ZydisRegister name) const {
  if (name == ZYDIS_REGISTER_AH || name == ZYDIS_REGISTER_BH ||
      name == ZYDIS_REGISTER_CH || name == ZYDIS_REGISTER_DH) {
    return std::nullopt;
  }
  const ZydisRegisterClass kind = ZydisRegisterGetClass(name);
  const auto number = static_cast<unsigned>(ZydisRegisterGetId(name));
  if (kind == ZYDIS_REGCLASS_XMM && number < 16) {
    return static_cast<Register>(kXmm0 + number);
  }
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(mode_, name);
  const ZydisRegisterClass general = ZydisRegisterGetClass(whole);
  if (general != ZYDIS_REGCLASS_GPR64 && general != ZYDIS_REGCLASS_GPR32) {
    return std::nullopt;
  }
  const auto id = static_cast<unsigned>(ZydisRegisterGetId(whole));
  return id < 16 ? std::optional(static_cast<Register>(id)) : std::nullopt;
}

Operand X86Decoder::OperandOf(const ZydisDecodedOperand& operand) const {
  switch (operand.type) {
    case ZYDIS_OPERAND_TYPE_REGISTER: {
      const auto number = NumberOf(operand.reg.value);
      return number ? InRegister(*number) : Operand{};
    }
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
      return Immediate(operand.imm.value.s);
    case ZYDIS_OPERAND_TYPE_MEMORY:
      break;
    default:
      return {};
  }
  const auto& memory = operand.mem;
  if (memory.segment == ZYDIS_REGISTER_FS ||
      memory.segment == ZYDIS_REGISTER_GS) {
    return {};
  }
  Operand result = InMemory(kNoRegister, memory.disp.value);
  if (memory.base != ZYDIS_REGISTER_NONE && memory.base != ZYDIS_REGISTER_RIP &&
      memory.base != ZYDIS_REGISTER_EIP) {
    const auto base = NumberOf(memory.base);
    if (!base) {
      return {};
    }
    result.base = *base;
  }
  if (memory.index != ZYDIS_REGISTER_NONE) {
    const auto index = NumberOf(memory.index);
    if (!index) {
      return {};
    }
    result.index = *index;
    result.scale = memory.scale;
  }
  return result;
}

void X86Decoder::Clobber(const Operation& form,
                         std::vector<Operation>& into) const {
  Operation operation = form;
  operation.does = Does::kOther;
  operation.sets_flags = true;
  bool any = false;
  for (std::size_t i = 0; i < instruction_.operand_count; ++i) {
    const ZydisDecodedOperand& operand = operands_.at(i);
    const bool writes =
        (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    const Operand to = OperandOf(operand);
    if (writes && (to.is_register() || to.is_memory())) {
      operation.to = to;
      into.push_back(operation);
      any = true;
    }
  }
  if (!any) {
    operation.to = {};
    into.push_back(operation);
  }
}

// Of rax and an operand, into both halves of the result.
void X86Decoder::Multiply(Operation operation,
                          std::vector<Operation>& into) const {
  operation.does = Does::kCompute;
  operation.a = InRegister(kRax);
  operation.b = OperandOf(operands_[0]);
  operation.mixes = true;
  operation.sets_flags = true;
  for (const Register half : {kRdx, kRax}) {
    operation.to = InRegister(half);
    into.push_back(operation);
  }
}

void X86Decoder::Arithmetic(Operation operation, unsigned operands,
                            std::vector<Operation>& into) const {
  const bool one = operands == 1;
  operation.a = operation.to;
  operation.b = one ? Operand{} : OperandOf(operands_[1]);
  operation.sets_flags = true;
  if (one && (operation.does == Does::kAdd ||
              operation.does == Does::kSubtract)) {  // inc, dec
    operation.b = Immediate(1);
  } else if (operands == 3) {  // imul to, a, b
    operation.a = OperandOf(operands_[1]);
    operation.b = OperandOf(operands_[2]);
  }
  if (one && operation.does == Does::kCompute &&
      instruction_.mnemonic == ZYDIS_MNEMONIC_IMUL) {
    return Multiply(operation, into);
  }
  operation.mixes = instruction_.mnemonic == ZYDIS_MNEMONIC_IMUL;
  const bool same = operation.a.is_register() && operation.b.is_register() &&
                    operation.a.base == operation.b.base;
  if (operation.does == Does::kXor && same) {
    operation.does = Does::kMove;
    operation.a = Immediate(0);
    operation.b = {};
  }
  into.push_back(operation);
}

void X86Decoder::Add(Operation operation, unsigned operands,
                     std::vector<Operation>& into) const {
  operation.to = operands > 0 ? OperandOf(operands_[0]) : Operand{};
  switch (operation.does) {
    case Does::kOther:
      return Halves(instruction_.mnemonic) ? Multiply(operation, into)
                                           : Clobber(operation, into);
    case Does::kMove:
    case Does::kAddress:
      operation.a = OperandOf(operands_[1]);
      operation.width = static_cast<std::uint8_t>(
          std::min(operands_[0].size, operands_[1].size) / 8);
      if (operation.does == Does::kAddress) {
        operation.width = static_cast<std::uint8_t>(operands_[0].size / 8);
      }
      break;
    case Does::kSelect:
      operation.a = OperandOf(operands_[1]);
      break;
    case Does::kCompare:
    case Does::kTest:
      operation.a = operation.to;
      operation.b = OperandOf(operands_[1]);
      operation.to = {};
      operation.sets_flags = true;
      if (const auto low = HighByteOf(operands_[0]);
          low && operation.b.is_immediate()) {
        operation.a = InRegister(*low);
        operation.b.value = (operation.b.value & 0xff) << 8U;
        operation.width = 2;
        operation.a = operation.does == Does::kTest ? operation.a : Operand{};
      }
      break;
    case Does::kPush:
    case Does::kCall:
    case Does::kJump:
    case Does::kBranch:
      operation.a = operation.to;
      operation.to = {};
      if (operation.a.is_immediate() && operation.does != Does::kPush) {
        operation.target = operation.address + operation.length +
                           static_cast<std::uint64_t>(operation.a.value);
        operation.target &=
            mode_ == ZYDIS_MACHINE_MODE_LONG_64 ? ~0ULL : 0xffffffffULL;
        operation.a = {};
      }
      break;
    case Does::kPop:
    case Does::kSet:
    case Does::kReturn:
    case Does::kStop:
      break;
    default:
      return Arithmetic(operation, operands, into);
  }
  into.push_back(operation);
}

unsigned X86Decoder::Decode(ByteView bytes, std::uint64_t address,
                            std::vector<Operation>& into) {
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder_, bytes.data(),
                                           bytes.size(), &instruction_,
                                           operands_.data()))) {
    return 0;
  }
  const unsigned visible = instruction_.operand_count_visible;
  const Mapped mapped = Map(instruction_);
  Operation operation = {.does = mapped.does,
                         .condition = mapped.condition,
                         .length = instruction_.length,
                         .extends = mapped.extends,
                         .address = address};
  operation.width =
      static_cast<std::uint8_t>(visible > 0 ? operands_[0].size / 8 : 0);
  const std::size_t first = into.size();
  if (instruction_.mnemonic == ZYDIS_MNEMONIC_LEAVE) {
    operation.does = Does::kMove;
    operation.width = static_cast<std::uint8_t>(instruction_.stack_width / 8);
    operation.to = InRegister(kRsp);
    operation.a = InRegister(kRbp);
    into.push_back(operation);
    operation.does = Does::kPop;
    operation.to = InRegister(kRbp);
    operation.a = {};
    into.push_back(operation);
    return instruction_.length;
  }
  if (CopiesMany(instruction_.mnemonic)) {
    Operation copy = operation;
    copy.does = Does::kMove;
    copy.width = 1;
    copy.to = InMemory(kRdi, 0);
    copy.a = InMemory(kRsi, 0);
    copy.to.index = copy.a.index = kRcx;
    into.push_back(copy);
  }
  Add(operation, visible, into);
  // Operands relative to the instruction pointer are absolute from here on.
  for (unsigned i = 0; i < visible; ++i) {
    const bool relative = operands_.at(i).type == ZYDIS_OPERAND_TYPE_MEMORY &&
                          (operands_.at(i).mem.base == ZYDIS_REGISTER_RIP ||
                           operands_.at(i).mem.base == ZYDIS_REGISTER_EIP);
    for (std::size_t k = first; relative && k < into.size(); ++k) {
      for (Operand* one : {&into[k].to, &into[k].a, &into[k].b}) {
        if (one->is_memory() && one->base == kNoRegister) {
          one->value = static_cast<std::int64_t>(
              static_cast<std::uint64_t>(operands_.at(i).mem.disp.value) +
              address + instruction_.length);
        }
      }
    }
  }
  return instruction_.length;
}

constexpr std::uint32_t Bits(std::initializer_list<unsigned> numbers) {
  std::uint32_t bits = 0;
  for (const unsigned number : numbers) {
    bits |= 1U << number;
  }
  return bits;
}

}  // namespace

const Machine kX86_64 = {.name = "x86-64",
                         .decoder = []() -> std::unique_ptr<Decoder> {
                           return std::make_unique<X86Decoder>(true);
                         },
                         .word = 8,
                         .stack = kRsp,
                         .result = kRax,
                         .arguments = 6,
                         .argument = {7, 6, 2, 1, 8, 9},
                         .kept = Bits({3, kRsp, kRbp, 12, 13, 14, 15})};

const Machine kX86_32 = {.name = "x86",
                         .decoder = []() -> std::unique_ptr<Decoder> {
                           return std::make_unique<X86Decoder>(false);
                         },
                         .word = 4,
                         .stack = kRsp,
                         .result = kRax,
                         .stack_arguments = true,
                         .arguments = 0,
                         .kept = Bits({3, kRsp, kRbp, 6, 7})};

}  // namespace assay::code
