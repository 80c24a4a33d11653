// ARM and Thumb-2, decoded by Capstone. Instructions: ARM Architecture
// Reference Manual ARMv7-A, chapters A5, A6 and A8; calling convention:
// AAPCS32, section 6. Registers: 0-15 r0-r15. Addresses of Thumb code have bit
// 0 set.

#include <algorithm>
#include <array>

#include "verifier/code/arm_translation.h"
#include "verifier/code/disassembler.h"
#include "verifier/code/machine.h"

namespace assay::code {
namespace {

constexpr std::size_t kMaxItems = 8;  // instructions with one condition
constexpr unsigned kAlways = 14;      // of conditions, as they are encoded

std::uint32_t Little(ByteView bytes, std::size_t at, std::size_t width) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i) {
    word |= std::uint32_t{bytes[at + i]} << (8U * i);
  }
  return word;
}

// An instruction that is executed on a condition.
struct Item {
  unsigned condition = 0;
  std::uint64_t address = 0;
  std::uint8_t length = 0;
  std::vector<Operation> operations = {};
};

bool IsMove(const Operation& one) {
  return one.does == Does::kMove && one.to.is_register() && one.width == 4 &&
         !one.sets_flags && (one.a.is_register() || one.a.is_immediate());
}

bool Moves(const Item& item) {
  return std::all_of(item.operations.begin(), item.operations.end(), IsMove);
}

bool SetsFlags(const Item& item) {
  return std::any_of(item.operations.begin(), item.operations.end(),
                     [](const Operation& one) { return one.sets_flags; });
}

bool Leaves(const Item& item) {
  const Does does = item.operations.back().does;
  return does == Does::kJump || does == Does::kReturn || does == Does::kStop;
}

// A jump to a constant address, after nothing else.
bool Jumps(const Item& item) {
  return item.operations.size() == 1 && Leaves(item) &&
         item.operations[0].target != 0;
}

class ArmDecoder : public Decoder {
 public:
  unsigned Decode(ByteView bytes, std::uint64_t address,
                  std::vector<Operation>& into) override;

 private:
  using Items = std::vector<Item>;

  // One instruction, as if its condition held; 0 when there is none.
  unsigned One(ByteView bytes, std::uint64_t address,
               std::vector<Operation>& into);
  // Those that an IT instruction makes conditional (A8.8.54).
  unsigned Block(ByteView bytes, std::uint64_t address,
                 std::vector<Operation>& into);
  // Those in a row that the condition of the first one, or its opposite, has.
  unsigned Row(ByteView bytes, std::uint64_t address,
               std::vector<Operation>& into);
  // A call of old processors, which have no BLX.
  unsigned OldCall(ByteView bytes, std::uint64_t address,
                   std::vector<Operation>& into);
  // What the items do; the length of what it took from `rest`, behind them.
  unsigned Emit(const Items& items, ByteView rest, std::uint64_t after,
                std::vector<Operation>& into);
  bool EmitChoice(const Items& items, std::size_t at,
                  std::vector<Operation>& into) const;
  // A branch on `condition`, or on its opposite.
  struct Behind {
    bool same = false;
    Operation branch = {};
  };
  std::optional<Behind> BranchBehind(ByteView rest, std::uint64_t after,
                                     unsigned condition);
  unsigned EmitWithBranch(const Items& items, std::size_t first, ByteView rest,
                          std::uint64_t after, std::vector<Operation>& into);
  unsigned EmitComparison(const Item& item, ByteView rest, std::uint64_t after,
                          std::vector<Operation>& into);

  Disassembler arm_{CS_ARCH_ARM, CS_MODE_ARM};
  Disassembler thumb_{CS_ARCH_ARM, CS_MODE_THUMB};
};

unsigned ArmDecoder::One(ByteView bytes, std::uint64_t address,
                         std::vector<Operation>& into) {
  const bool thumb = (address & 1U) != 0;
  if (bytes.size() < (thumb ? 2 : 4)) {
    return 0;
  }
  const bool wide = !thumb || Little(bytes, 0, 2) >= 0xe800U;
  const unsigned length = wide ? 4 : 2;
  if (bytes.size() < length) {
    return 0;
  }
  const cs_insn* decoded =
      (thumb ? thumb_ : arm_)
          .At(bytes.first(length), address & ~std::uint64_t{1});
  Instruction instruction(address, static_cast<std::uint8_t>(length), 4, into);
  if (decoded != nullptr) {
    ArmTranslation(*decoded, address, instruction).Run();
  }
  if (instruction.empty()) {
    instruction.Lose({});
  }
  return length;
}

// Two moves to one register on opposite conditions.
bool ArmDecoder::EmitChoice(const Items& items, std::size_t at,
                            std::vector<Operation>& into) const {
  if (at + 1 >= items.size()) {
    return false;
  }
  const Item& first = items[at];
  const Item& second = items[at + 1];
  const bool other_follows =
      at + 2 < items.size() && items[at + 2].condition == second.condition;
  if (first.condition == second.condition || other_follows ||
      first.operations.size() != 1 || second.operations.size() != 1 ||
      !Moves(first) || !Moves(second)) {
    return false;
  }
  Operation chosen = first.operations[0];
  Operation otherwise = second.operations[0];
  const bool same =
      chosen.to.base == otherwise.to.base &&
      (!chosen.a.is_register() || chosen.a.base != chosen.to.base);
  if (!same) {
    return false;
  }
  otherwise.address = chosen.address;
  chosen.does = Does::kSelect;
  chosen.condition = ArmCondition(first.condition);
  into.push_back(otherwise);
  into.push_back(chosen);
  return true;
}

std::optional<ArmDecoder::Behind> ArmDecoder::BranchBehind(ByteView rest,
                                                           std::uint64_t after,
                                                           unsigned condition) {
  std::vector<Operation> operations;
  const unsigned length = One(rest, after, operations);
  if (length == 0 || operations[0].does != Does::kBranch) {
    return std::nullopt;
  }
  const bool thumb = (after & 1U) != 0;
  const std::uint32_t word = Little(rest, 0, thumb ? 2 : 4);
  const unsigned asked = thumb && length == 2 ? word >> 8U & 15U
                         : thumb              ? word >> 6U & 15U
                                              : word >> 28U;
  return (asked ^ condition) <= 1U
             ? std::optional<Behind>(
                   {.same = asked == condition, .branch = operations[0]})
             : std::nullopt;
}

// A comparison that is made only if one before did not decide already, and the
// branch on both.
unsigned ArmDecoder::EmitComparison(const Item& item, ByteView rest,
                                    std::uint64_t after,
                                    std::vector<Operation>& into) {
  const auto behind = BranchBehind(rest, after, item.condition);
  Instruction guard(item.address, item.length, 4, into);
  if (!behind) {
    guard.LoseFlags();
    return 0;
  }
  guard.Branch(
      ArmCondition(item.condition ^ 1U),
      behind->same ? after + behind->branch.length : behind->branch.target);
  into.insert(into.end(), item.operations.begin(), item.operations.end());
  into.push_back(behind->branch);
  return behind->branch.length;
}

// The items from `first` on, and a branch on what decided whether they are
// executed.
unsigned ArmDecoder::EmitWithBranch(const Items& items, std::size_t first,
                                    ByteView rest, std::uint64_t after,
                                    std::vector<Operation>& into) {
  const Item& item = items[first];
  const bool plain =
      std::none_of(items.begin() + static_cast<std::ptrdiff_t>(first),
                   items.end(), [](const Item& one) {
                     return SetsFlags(one) || Leaves(one) ||
                            one.operations.back().does == Does::kCall;
                   });
  const auto behind =
      plain ? BranchBehind(rest, after, item.condition) : std::nullopt;
  if (!behind) {
    return 0;
  }
  Operation branch = behind->branch;
  Instruction guard(item.address, item.length, 4, into);
  guard.Branch(ArmCondition(item.condition ^ 1U),
               behind->same ? after + branch.length : branch.target);
  for (std::size_t k = first; k < items.size(); ++k) {
    into.insert(into.end(), items[k].operations.begin(),
                items[k].operations.end());
  }
  if (behind->same) {
    branch.does = Does::kJump;
    into.push_back(branch);
  }
  return branch.length;
}

unsigned ArmDecoder::Emit(const Items& items, ByteView rest,
                          std::uint64_t after, std::vector<Operation>& into) {
  for (std::size_t i = 0; i < items.size();) {
    if (EmitChoice(items, i, into)) {
      i += 2;
      continue;
    }
    std::size_t end = i + 1;
    while (end < items.size() && items[end].condition == items[i].condition) {
      ++end;
    }
    const Item& last = items[end - 1];
    const unsigned condition = items[i].condition;
    const bool compares = end - i == 1 && last.operations.size() == 1 &&
                          (last.operations[0].does == Does::kCompare ||
                           last.operations[0].does == Does::kTest);
    if (compares && end == items.size()) {
      return EmitComparison(last, rest, after, into);
    }
    if (end == items.size()) {
      if (const unsigned taken = EmitWithBranch(items, i, rest, after, into)) {
        return taken;
      }
    }
    const auto moves_end = items.begin() + static_cast<std::ptrdiff_t>(
                                               Jumps(last) ? end - 1 : end);
    const bool moves = std::all_of(
        items.begin() + static_cast<std::ptrdiff_t>(i), moves_end, Moves);
    if (!moves) {
      Instruction guard(items[i].address, items[i].length, 4, into);
      guard.Branch(ArmCondition(condition ^ 1U),
                   end < items.size() ? items[end].address : after);
    }
    for (std::size_t k = i; k < end; ++k) {
      for (Operation one : items[k].operations) {
        if (moves) {
          one.does = one.does == Does::kMove ? Does::kSelect : Does::kBranch;
          one.condition = ArmCondition(condition);
        }
        into.push_back(one);
      }
    }
    i = end;
  }
  return 0;
}

unsigned ArmDecoder::Block(ByteView bytes, std::uint64_t address,
                           std::vector<Operation>& into) {
  const std::uint32_t it = Little(bytes, 0, 2);
  const unsigned first = it >> 4U & 15U;
  unsigned mask = it & 15U;
  std::size_t at = 2;
  Items items;
  while (mask != 0) {
    const bool opposite = !items.empty() && (mask >> 3U & 1U) != (first & 1U);
    mask = items.empty() ? mask : mask << 1U & 15U;
    if (mask == 0) {
      break;
    }
    Item item = {.condition = opposite ? first ^ 1U : first,
                 .address = address + at};
    const unsigned length = One(bytes.subspan(std::min(at, bytes.size())),
                                item.address, item.operations);
    if (length == 0) {
      break;
    }
    item.length = static_cast<std::uint8_t>(length);
    // Short arithmetic leaves the flags alone here.
    for (Operation& one : item.operations) {
      const bool asks = !one.to.is_register();
      one.sets_flags = one.sets_flags && (asks || length == 4);
    }
    at += length;
    items.push_back(std::move(item));
  }
  if (first >= kAlways || items.empty()) {
    for (const Item& item : items) {
      into.insert(into.end(), item.operations.begin(), item.operations.end());
    }
    if (items.empty()) {
      Instruction(address, 2, 4, into).Lose({});
    }
    return static_cast<unsigned>(at);
  }
  const unsigned taken = Emit(items, bytes.subspan(at), address + at, into);
  return static_cast<unsigned>(at) + taken;
}

unsigned ArmDecoder::Row(ByteView bytes, std::uint64_t address,
                         std::vector<Operation>& into) {
  const std::uint32_t first = Little(bytes, 0, 4) >> 28U;
  std::size_t at = 0;
  Items items;
  while (items.size() < kMaxItems && bytes.size() - at >= 4) {
    const std::uint32_t word = Little(bytes, at, 4);
    const std::uint32_t condition = word >> 28U;
    const bool branch = (word & 0x0f000000U) == 0x0a000000U;
    if ((condition ^ first) > 1U || branch) {
      break;
    }
    Item item = {.condition = condition, .address = address + at, .length = 4};
    One(bytes.subspan(at), item.address, item.operations);
    at += 4;
    items.push_back(std::move(item));
    if (SetsFlags(items.back()) || Leaves(items.back()) ||
        items.back().operations.back().does == Does::kCall) {
      break;
    }
  }
  const unsigned taken = Emit(items, bytes.subspan(at), address + at, into);
  return static_cast<unsigned>(at) + taken;
}

unsigned ArmDecoder::OldCall(ByteView bytes, std::uint64_t address,
                             std::vector<Operation>& into) {
  constexpr std::uint32_t kSaveWayBack = 0xe1a0e00fU;  // mov lr, pc
  if (bytes.size() < 8 || Little(bytes, 0, 4) != kSaveWayBack) {
    return 0;
  }
  std::vector<Operation> jump;
  One(bytes.subspan(4), address + 4, jump);
  if (jump.back().does != Does::kJump ||
      Little(bytes, 4, 4) >> 28U != kAlways) {
    return 0;
  }
  jump.back().does = Does::kCall;
  into.insert(into.end(), jump.begin(), jump.end());
  return 8;
}

unsigned ArmDecoder::Decode(ByteView bytes, std::uint64_t address,
                            std::vector<Operation>& into) {
  if ((address & 1U) != 0) {
    const std::uint32_t word = bytes.size() < 2 ? 0 : Little(bytes, 0, 2);
    const bool it = (word & 0xff00U) == 0xbf00U && (word & 15U) != 0;
    return it ? Block(bytes, address, into) : One(bytes, address, into);
  }
  if (bytes.size() < 4) {
    return 0;
  }
  const std::uint32_t word = Little(bytes, 0, 4);
  const bool branch = (word & 0x0f000000U) == 0x0a000000U;
  if (word >> 28U < kAlways && !branch) {
    return Row(bytes, address, into);
  }
  const unsigned call = OldCall(bytes, address, into);
  return call != 0 ? call : One(bytes, address, into);
}

// Most instructions of ARM, not of Thumb, have the condition "always", in the
// highest bits of each word.
std::optional<std::uint8_t> ModeOf(ByteView code) {
  constexpr std::size_t kAsked = 16;  // words
  std::size_t words = 0;
  std::size_t always = 0;
  for (; words < kAsked && code.size() - 4 * words >= 4; ++words) {
    always += Little(code, 4 * words, 4) >> 28U == kAlways ? 1U : 0U;
  }
  return words > 0 && 4 * always >= 3 * words ? std::optional(std::uint8_t{0})
         : words > 0 && 3 * always <= words   ? std::optional(std::uint8_t{1})
                                              : std::nullopt;
}

}  // namespace

const Machine kArm = {.name = "arm",
                      .decoder = []() -> std::unique_ptr<Decoder> {
                        return std::make_unique<ArmDecoder>();
                      },
                      .mode_of = ModeOf,
                      .word = 4,
                      .step = 2,
                      .mode = 1,
                      .stack = kArmStack,
                      .result = 0,
                      .link = kArmLink,
                      .arguments = 4,
                      .argument = {0, 1, 2, 3},
                      .kept = 0x2ff0U};  // r4-r11, sp

}  // namespace assay::code
