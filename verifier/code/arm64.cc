// AArch64, decoded by Capstone. Instructions: Arm Architecture Reference Manual
// for A-profile, chapters C3 and C6; calling convention: AAPCS64, section 6.
// Registers: 0-30 x0-x30, 31 sp. Those of vectors are not followed.

#include "verifier/code/arm64_translation.h"
#include "verifier/code/disassembler.h"
#include "verifier/code/machine.h"

namespace assay::code {
namespace {

constexpr unsigned kLength = 4;
constexpr unsigned kMaxComparisons = 4;  // conditional ones in a row

std::uint32_t WordAt(ByteView bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < kLength; ++i) {
    word |= std::uint32_t{bytes[at + i]} << (8U * i);
  }
  return word;
}

// C6.2.26, B.cond.
bool IsBranch(std::uint32_t word) {
  return (word & 0xff000010U) == 0x54000000U;
}

// C6.2.36 and C6.2.37, CCMP and CCMN.
bool IsComparison(std::uint32_t word) {
  return (word & 0x3fe00410U) == 0x3a400000U;
}

unsigned ConditionOf(std::uint32_t word) {
  return IsBranch(word) ? word & 15U : word >> 12U & 15U;
}

// C1.2.4: whether the condition holds with these flags, N the highest.
bool Holds(unsigned condition, unsigned flags) {
  const bool n = (flags & 8U) != 0;
  const bool z = (flags & 4U) != 0;
  const bool c = (flags & 2U) != 0;
  const bool v = (flags & 1U) != 0;
  const bool plain = condition >> 1U == 0   ? z
                     : condition >> 1U == 1 ? c
                     : condition >> 1U == 2 ? n
                     : condition >> 1U == 3 ? v
                     : condition >> 1U == 4 ? c && !z
                     : condition >> 1U == 5 ? n == v
                     : condition >> 1U == 6 ? n == v && !z
                                            : true;
  return plain != ((condition & 1U) != 0 && condition < 15);
}

class Arm64Decoder : public Decoder {
 public:
  unsigned Decode(ByteView bytes, std::uint64_t address,
                  std::vector<Operation>& into) override;

 private:
  // Conditional comparisons and the branch that asks for all of them; false
  // when it is nothing of the kind.
  bool Chain(ByteView bytes, std::uint64_t address,
             std::vector<Operation>& into);
  void One(ByteView bytes, std::uint64_t address, std::vector<Operation>& into);

  Disassembler disassembler_{CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN};
  unsigned length_ = 0;
};

void Arm64Decoder::One(ByteView bytes, std::uint64_t address,
                       std::vector<Operation>& into) {
  Instruction instruction(address, kLength, 8, into);
  const cs_insn* decoded = disassembler_.At(bytes.first(kLength), address);
  if (decoded == nullptr) {
    TranslateUndecoded(WordAt(bytes, 0), instruction);
  } else {
    Arm64Translation(*decoded, instruction).Run();
  }
  if (instruction.empty()) {
    instruction.Lose({});
  }
}

// A comparison whose condition does not hold leaves flags that the instruction
// names: it is known then what the branch at the end does.
bool Arm64Decoder::Chain(ByteView bytes, std::uint64_t address,
                         std::vector<Operation>& into) {
  std::array<std::uint32_t, kMaxComparisons + 1> words = {};
  unsigned count = 0;
  while (count <= kMaxComparisons && bytes.size() >= (count + 1) * kLength) {
    words.at(count) = WordAt(bytes, std::size_t{count} * kLength);
    if (!IsComparison(words.at(count))) {
      break;
    }
    ++count;
  }
  const bool whole = count > 0 && count <= kMaxComparisons &&
                     bytes.size() >= (count + 1) * kLength &&
                     IsBranch(words.at(count));
  if (!whole) {
    return false;
  }
  for (unsigned i = 1; i < count; ++i) {
    if (Holds(ConditionOf(words.at(i)), words.at(i - 1) & 15U)) {
      return false;  // goes on comparing although one before did not
    }
  }
  std::vector<Operation> branch;
  const std::uint64_t last = address + std::uint64_t{count} * kLength;
  One(bytes.subspan(std::size_t{count} * kLength), last, branch);
  const bool jumps =
      Holds(ConditionOf(words.at(count)), words.at(count - 1) & 15U);
  for (unsigned i = 0; i < count; ++i) {
    const std::uint64_t at = address + std::uint64_t{i} * kLength;
    Instruction guard(at, kLength, 8, into);
    guard.Branch(Opposite(Arm64Condition(ConditionOf(words.at(i)))),
                 jumps ? branch[0].target : last + kLength);
    const cs_insn* decoded =
        disassembler_.At(bytes.subspan(std::size_t{i} * kLength, kLength), at);
    if (decoded == nullptr) {
      guard.LoseFlags();
    } else {
      Arm64Translation(*decoded, guard).Comparison();
    }
  }
  into.insert(into.end(), branch.begin(), branch.end());
  length_ = (count + 1) * kLength;
  return true;
}

unsigned Arm64Decoder::Decode(ByteView bytes, std::uint64_t address,
                              std::vector<Operation>& into) {
  if (bytes.size() < kLength) {
    return 0;
  }
  length_ = kLength;
  if (!IsComparison(WordAt(bytes, 0)) || !Chain(bytes, address, into)) {
    One(bytes, address, into);
  }
  return length_;
}

}  // namespace

const Machine kArm64 = {.name = "aarch64",
                        .decoder = []() -> std::unique_ptr<Decoder> {
                          return std::make_unique<Arm64Decoder>();
                        },
                        .word = 8,
                        .step = 4,
                        .stack = 31,
                        .result = 0,
                        .link = 30,
                        .arguments = 6,
                        .argument = {0, 1, 2, 3, 4, 5},
                        .kept = 0xbff80000U};  // x19-x29, sp

}  // namespace assay::code
