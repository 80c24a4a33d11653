// MIPS32, releases 1 to 5, both byte orders. Encodings: MIPS Architecture for
// Programmers, volume II-A, appendix A. Calling convention: System V ABI, MIPS
// RISC Processor Supplement 3.
// All instructions have their fields at the same places, and few of them say
// anything about values: reading the fields is shorter than translating what a
// disassembler tells, and takes no time.

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/code/machine.h"
#include "verifier/code/mips_instructions.h"

namespace assay::code {
namespace {

using mips::Branch;
using mips::Word;

class MipsDecoder : public Decoder {
 public:
  explicit MipsDecoder(ByteOrder order) : order_(order) {}

  unsigned Decode(ByteView bytes, std::uint64_t address,
                  std::vector<Operation>& into) override;

 private:
  [[nodiscard]] Word At(ByteView bytes, std::size_t at) const;
  void Put(Does does, Operand to = {}, Operand a = {}, Operand b = {});
  void PutIf(Does does, Condition condition, Operand to, Operand a = {});
  // What branches do, and what lies in the slot.
  void PutCondition(const Branch& branch);
  void PutLikely(const Branch& branch, std::uint64_t address);
  void PutTransfer(const Branch& branch, std::uint64_t address);
  void PutSlot();

  ByteOrder order_;
  std::vector<Operation> done_;  // by one instruction
  std::vector<Operation> slot_;  // by the one behind it
};

Word MipsDecoder::At(ByteView bytes, std::size_t at) const {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t from = order_ == ByteOrder::kBig ? i : 3 - i;
    bits = bits << 8U | bytes[at + from];
  }
  return {bits};
}

void MipsDecoder::Put(Does does, Operand to, Operand a, Operand b) {
  done_.push_back({.does = does, .width = 4, .to = to, .a = a, .b = b});
}

void MipsDecoder::PutIf(Does does, Condition condition, Operand to, Operand a) {
  Put(does, to, a);
  done_.back().condition = condition;
}

void MipsDecoder::PutSlot() {
  for (const Operation& one : slot_) {
    if (one.does != Does::kOther || one.to.kind != Operand::Kind::kNone) {
      done_.push_back(one);
    }
  }
}

void MipsDecoder::PutCondition(const Branch& branch) {
  const bool compares = std::any_of(
      slot_.begin(), slot_.end(),
      [](const Operation& one) { return one.does == Does::kCompare; });
  Put(Does::kCompare, {}, branch.a, branch.b);
  if (compares) {
    PutIf(Does::kSet, branch.condition, InRegister(mips::kHeld));
    PutSlot();
    Put(Does::kCompare, {}, InRegister(mips::kHeld), Immediate(0));
    PutIf(Does::kBranch, Condition::kNotEqual, {});
  } else {
    PutSlot();
    PutIf(Does::kBranch, branch.condition, {});
  }
  done_.back().target = branch.target;
}

// The slot runs only on the way to the target: a branch around it and a jump.
void MipsDecoder::PutLikely(const Branch& branch, std::uint64_t address) {
  Put(Does::kCompare, {}, branch.a, branch.b);
  PutIf(Does::kBranch, Opposite(branch.condition), {});
  done_.back().target = (address + 8) & 0xffffffffU;
  const std::size_t first = done_.size();
  PutSlot();
  Put(Does::kJump);
  done_.back().target = branch.target;
  for (std::size_t i = first; i < done_.size(); ++i) {
    done_[i].address = address + 4;
  }
}

void MipsDecoder::PutTransfer(const Branch& branch, std::uint64_t address) {
  Operand to = branch.a;
  const bool changes =
      std::any_of(slot_.begin(), slot_.end(), [&](const Operation& one) {
        return one.to.is_register() && one.to.base == to.base;
      });
  if (to.is_register() && changes) {
    Put(Does::kMove, InRegister(mips::kHeld), to);
    to = InRegister(mips::kHeld);
  }
  PutSlot();
  const bool jumps = branch.kind == Branch::Kind::kJump;
  if (!jumps && branch.target == address + 8) {  // to learn where it is
    Put(Does::kMove, InRegister(mips::kLink),
        Immediate(static_cast<std::int64_t>(branch.target)));
  } else if (jumps && branch.a.is_register() && branch.a.base == mips::kLink) {
    Put(Does::kReturn);
  } else {
    Put(jumps ? Does::kJump : Does::kCall, {}, to);
    done_.back().target = branch.target;
  }
}

unsigned MipsDecoder::Decode(ByteView bytes, std::uint64_t address,
                             std::vector<Operation>& into) {
  if (bytes.size() < 4) {
    return 0;
  }
  done_.clear();
  const Word word = At(bytes, 0);
  const Branch branch = mips::BranchOf(word, address);
  const bool branches = branch.kind != Branch::Kind::kNone;
  const unsigned length = branches ? 8 : 4;
  if (bytes.size() < length) {
    return 0;
  }
  if (!branches && !mips::AddPlain(word, order_, done_)) {
    return 0;
  }
  if (branches) {
    slot_.clear();
    const Word next = At(bytes, 4);
    const bool known =
        mips::BranchOf(next, address).kind == Branch::Kind::kNone &&
        mips::AddPlain(next, order_, slot_);
    if (!known || slot_.back().does == Does::kStop) {
      slot_.clear();  // nothing that a program would have there
    }
    if (branch.kind == Branch::Kind::kIf && branch.likely) {
      PutLikely(branch, address);
    } else if (branch.kind == Branch::Kind::kIf) {
      PutCondition(branch);
    } else {
      PutTransfer(branch, address);
    }
  }
  for (Operation& one : done_) {
    one.length = static_cast<std::uint8_t>(length);
    one.address = one.address == 0 ? address : one.address;
    into.push_back(one);
  }
  return length;
}

template <ByteOrder order>
std::unique_ptr<Decoder> MakeDecoder() {
  return std::make_unique<MipsDecoder>(order);
}

constexpr Machine Describe(ByteOrder order) {
  return {.name = "mips",
          .decoder = order == ByteOrder::kBig ? MakeDecoder<ByteOrder::kBig>
                                              : MakeDecoder<ByteOrder::kLittle>,
          .order = order,
          .word = 4,
          .step = 4,
          .stack = mips::kStack,
          .result = mips::kResult,
          .link = mips::kLink,
          .table = mips::kTable,
          .globals = mips::kGlobals,
          .arguments = 4,
          .stack_start = 16,
          .argument = {4, 5, 6, 7},
          .kept = 0xffU << 16U | 1U << mips::kGlobals | 1U << mips::kStack |
                  1U << mips::kFrame};
}

}  // namespace

const Machine kMipsBig = Describe(ByteOrder::kBig);
const Machine kMipsLittle = Describe(ByteOrder::kLittle);

}  // namespace assay::code
