#include <utility>

#include "verifier/code/mips_instructions.h"

namespace assay::code::mips {
namespace {

constexpr std::uint8_t kWord = 4;

Operand Memory(Word word) {
  return InMemory(word.rs() == 0 ? kNoRegister : word.rs(), word.number());
}

bool IsZero(const Operand& one) {
  return one.is_immediate() && one.value == 0;
}

class Plain {
 public:
  Plain(ByteOrder order, std::vector<Operation>& into)
      : order_(order), into_(into) {}

  bool Add(Word word);

 private:
  bool AddSpecial(Word word);
  bool AddArithmetic(Word word);
  void AddSpecial2(Word word);
  void AddSpecial3(Word word);
  bool AddImmediate(Word word);
  bool AddMemory(Word word);
  bool AddUnusualMemory(Word word);
  void AddCoprocessor(Word word);
  void Put(Does does, Operand to = {}, Operand a = {}, Operand b = {},
           std::uint8_t width = kWord);
  void PutIf(Does does, Condition condition, Operand to, Operand a = {});
  // to = a op b, without operands that change nothing.
  void PutSum(Does does, Register to, Operand a, Operand b);
  void PutOrder(Register to, Register a, Operand b, bool bare);
  void PutProduct(Register a, Register b);

  ByteOrder order_;
  std::vector<Operation>& into_;
};

void Plain::Put(Does does, Operand to, Operand a, Operand b,
                std::uint8_t width) {
  into_.push_back({.does = does, .width = width, .to = to, .a = a, .b = b});
}

void Plain::PutIf(Does does, Condition condition, Operand to, Operand a) {
  Put(does, to, a);
  into_.back().condition = condition;
}

void Plain::PutSum(Does does, Register to, Operand a, Operand b) {
  const bool minus = does == Does::kSubtract;
  if (IsZero(a) && !minus) {
    std::swap(a, b);
  }
  if (to == 0) {
    Put(Does::kOther);
  } else if (IsZero(a) && !IsZero(b)) {  // negation
    Put(Does::kCompute, Target(to), b);
  } else if (IsZero(b)) {
    Put(Does::kMove, Target(to), does == Does::kAnd ? b : a);
  } else {
    Put(does, Target(to), a, b);
  }
}

// "Less than zero, unsigned" and the like are how "==" and "!=" are said.
void Plain::PutOrder(Register to, Register a, Operand b, bool bare) {
  Condition condition = Condition::kLess;
  if (a == 0 && b.is_register()) {
    a = b.base;
    b = Immediate(0);
    condition = bare ? Condition::kNotEqual : Condition::kMore;
  } else if (bare && b.is_immediate() && b.value == 1) {
    b = Immediate(0);
    condition = Condition::kEqual;
  }
  Put(Does::kCompare, {}, Source(a), b);
  PutIf(Does::kSet, condition, Target(to));
}

void Plain::PutProduct(Register a, Register b) {
  Put(Does::kCompute, InRegister(kLow), Source(a), Source(b));
  Put(Does::kCompute, InRegister(kHigh), Source(a), Source(b));
}

bool Plain::AddArithmetic(Word word) {
  const Operand a = Source(word.rs());
  const Operand b = Source(word.rt());
  switch (word.function()) {
    case 0x20:
    case 0x21:
      PutSum(Does::kAdd, word.rd(), a, b);
      return true;
    case 0x22:
    case 0x23:
      PutSum(Does::kSubtract, word.rd(), a, b);
      return true;
    case 0x24:
      PutSum(Does::kAnd, word.rd(), a, b);
      return true;
    case 0x25:
      PutSum(Does::kOr, word.rd(), a, b);
      return true;
    case 0x26:
      word.rs() == word.rt() ? Put(Does::kMove, Target(word.rd()), Immediate(0))
                             : PutSum(Does::kXor, word.rd(), a, b);
      return true;
    case 0x2a:
    case 0x2b:
      PutOrder(word.rd(), word.rs(), b, word.function() == 0x2b);
      return true;
    default:
      return false;
  }
}

bool Plain::AddSpecial(Word word) {
  const Operand to = Target(word.rd());
  const Operand a = Source(word.rs());
  const Operand b = Source(word.rt());
  switch (word.function()) {
    case 0x00:  // sll, which is also the usual nop
    case 0x02:
    case 0x03:
      word.shift() == 0 ? PutSum(Does::kOr, word.rd(), b, Immediate(0))
                        : Put(Does::kCompute, to, b, Immediate(word.shift()));
      return true;
    case 0x04:  // shifts by a register
    case 0x06:
    case 0x07:
    case 0x27:  // nor
      Put(Does::kCompute, to, b, a);
      return true;
    case 0x0a:  // movz
    case 0x0b:
      Put(Does::kCompare, {}, b, Immediate(0));
      PutIf(Does::kSelect,
            word.function() == 0x0a ? Condition::kEqual : Condition::kNotEqual,
            to, a);
      return true;
    case 0x01:  // movf, movt
      PutIf(Does::kSelect, Condition::kOther, to, a);
      return true;
    case 0x0c:  // syscall
      Put(Does::kOther, InRegister(kResult));
      Put(Does::kOther, InRegister(kFourthArgument));
      return true;
    case 0x0d:  // break
      Put(Does::kStop);
      return true;
    case 0x10:
    case 0x12:  // mfhi, mflo
      Put(Does::kMove, to, InRegister(word.function() == 0x10 ? kHigh : kLow));
      return true;
    case 0x11:
    case 0x13:  // mthi, mtlo
      Put(Does::kMove, InRegister(word.function() == 0x11 ? kHigh : kLow), a);
      return true;
    case 0x18:
    case 0x19:
    case 0x1a:
    case 0x1b:
      PutProduct(word.rs(), word.rt());
      return true;
    case 0x0f:  // sync, and the traps
    case 0x30:
    case 0x31:
    case 0x32:
    case 0x33:
    case 0x34:
    case 0x36:
      Put(Does::kOther);
      return true;
    default:
      return AddArithmetic(word);
  }
}

void Plain::AddSpecial2(Word word) {
  switch (word.function()) {
    case 0x00:  // madd, maddu, msub, msubu
    case 0x01:
    case 0x04:
    case 0x05:
      return PutProduct(word.rs(), word.rt());
    case 0x02:  // mul
      return Put(Does::kCompute, Target(word.rd()), Source(word.rs()),
                 Source(word.rt()));
    case 0x20:  // clz, clo
    case 0x21:
      return Put(Does::kCompute, Target(word.rd()), Source(word.rs()));
    default:  // of one maker or another
      return Put(Does::kOther, Target(word.rd()));
  }
}

void Plain::AddSpecial3(Word word) {
  const Operand rd = Target(word.rd());
  const Operand rt = Target(word.rt());
  const std::uint32_t shift = word.shift();
  switch (word.function()) {
    case 0x00:  // ext, of `rd` + 1 bits
      shift == 0 ? Put(Does::kAnd, rt, Source(word.rs()),
                       Immediate((std::int64_t{2} << word.rd()) - 1))
                 : Put(Does::kCompute, rt, Source(word.rs()));
      return;
    case 0x04:  // ins
      return Put(Does::kCompute, rt, Source(word.rt()), Source(word.rs()));
    case 0x20:
      if (shift == 0x10 || shift == 0x18) {  // seb, seh
        Put(Does::kMove, rd, Source(word.rt()), {},
            static_cast<std::uint8_t>(shift == 0x10 ? 1 : 2));
        into_.back().extends = true;
        return;
      }
      return Put(Does::kCompute, rd, Source(word.rt()));  // wsbh
    case 0x3b:                                            // rdhwr
      return Put(Does::kOther, rt);
    default:  // for signal processing: they write the one or the other
      Put(Does::kOther, rd);
      return Put(Does::kOther, rt);
  }
}

bool Plain::AddImmediate(Word word) {
  const Operand a = Source(word.rs());
  switch (word.opcode()) {
    case 0x08:
    case 0x09:
      PutSum(Does::kAdd, word.rt(), a, Immediate(word.number()));
      return true;
    case 0x0a:
    case 0x0b:
      PutOrder(word.rt(), word.rs(), Immediate(word.number()),
               word.opcode() == 0x0b);
      return true;
    case 0x0c:
      PutSum(Does::kAnd, word.rt(), a, Immediate(word.bare_number()));
      return true;
    case 0x0d:
      PutSum(Does::kOr, word.rt(), a, Immediate(word.bare_number()));
      return true;
    case 0x0e:
      PutSum(Does::kXor, word.rt(), a, Immediate(word.bare_number()));
      return true;
    case 0x0f:  // lui
      Put(Does::kMove, Target(word.rt()), Immediate(word.bare_number() << 16U));
      return true;
    default:
      return false;
  }
}

bool Plain::AddUnusualMemory(Word word) {
  const std::uint32_t opcode = word.opcode();
  switch (opcode) {
    case 0x38:  // sc
      Put(Does::kMove, Memory(word), Source(word.rt()));
      Put(Does::kOther, Target(word.rt()));
      return true;
    case 0x39:  // of coprocessors
    case 0x3a:
    case 0x3d:
    case 0x3e:
      Put(Does::kOther, Memory(word), {}, {},
          static_cast<std::uint8_t>(opcode < 0x3c ? 4 : 8));
      return true;
    case 0x2f:  // cache
    case 0x31:
    case 0x32:
    case 0x33:  // pref
    case 0x35:
    case 0x36:
      Put(Does::kOther);
      return true;
    default:
      return false;
  }
}

bool Plain::AddMemory(Word word) {
  const std::uint32_t opcode = word.opcode();
  const bool big = order_ == ByteOrder::kBig;
  const bool frame = word.rs() == kStack || word.rs() == kFrame;
  std::uint8_t width = kWord;
  switch (opcode) {
    case 0x20:
    case 0x24:
    case 0x28:
      width = 1;
      break;
    case 0x21:
    case 0x25:
    case 0x29:
      width = 2;
      break;
    case 0x22:  // Of the two parts of a word that lies across others, the one
    case 0x26:  // that begins where it begins stands for it.
    case 0x2a:
    case 0x2e: {
      const bool left = opcode == 0x22 || opcode == 0x2a;
      if (left != big) {
        Put(Does::kOther);
        return true;
      }
      break;
    }
    case 0x23:
    case 0x2b:  // The globals' pointer, kept over calls: it does not change.
      if (word.rt() == kGlobals && frame) {
        Put(Does::kOther);
        return true;
      }
      break;
    case 0x30:  // ll
      break;
    default:
      return AddUnusualMemory(word);
  }
  const bool stores = (opcode & 0x08U) != 0;
  stores ? Put(Does::kMove, Memory(word), Source(word.rt()), {}, width)
         : Put(Does::kMove, Target(word.rt()), Memory(word), {}, width);
  into_.back().extends = opcode == 0x20 || opcode == 0x21;
  return true;
}

void Plain::AddCoprocessor(Word word) {
  const bool reads = word.opcode() != kCop1X && (word.rs() & 0x14U) == 0;
  Put(Does::kOther, reads ? Target(word.rt()) : Operand{});
}

bool Plain::Add(Word word) {
  switch (word.opcode()) {
    case kSpecial:
      return AddSpecial(word);
    case kRegisterImmediate:  // traps and synci; branches are no matter
      Put(Does::kOther);
      return true;
    case kCop0:
    case kCop1:
    case kCop2:
    case kCop1X:
      AddCoprocessor(word);
      return true;
    case kSpecial2:
      AddSpecial2(word);
      return true;
    case kSpecial3:
      AddSpecial3(word);
      return true;
    default:
      return word.opcode() < 0x10 ? AddImmediate(word) : AddMemory(word);
  }
}

}  // namespace

bool AddPlain(Word word, ByteOrder order, std::vector<Operation>& into) {
  return Plain(order, into).Add(word);
}

}  // namespace assay::code::mips
