#include "verifier/code/trail.h"

namespace assay::code {
namespace {

constexpr std::uint64_t kAddresses = 0xffffffff;
constexpr std::uint64_t kSmallest = 0x10000;  // of addresses that are numbers
// Tables hold addresses of these as beginnings of others.
constexpr std::uint64_t kPage = 0x10000;

}  // namespace

Trail::Pointer Trail::AddressOf(const Operand& operand) const {
  const auto offset = static_cast<std::uint64_t>(operand.value);
  Pointer pointer = {.kind = Pointer::Kind::kAddress};
  if (operand.index != kNoRegister) {
    return {};
  }
  if (operand.base == image_.machine().globals) {
    pointer.number = image_.globals();
  } else if (operand.base != kNoRegister) {
    pointer = registers_.at(operand.base % kRegisters);
  }
  pointer.number = (pointer.number + offset) & kAddresses;
  return pointer.kind == Pointer::Kind::kAddress ? pointer : Pointer{};
}

Trail::Pointer Trail::Moved(const Operation& operation) {
  const Operand& from = operation.a;
  const bool globals = operation.to.base == image_.machine().globals;
  if (from.is_register()) {
    return registers_.at(from.base % kRegisters);
  }
  if (from.is_immediate()) {
    const auto number = static_cast<std::uint64_t>(from.value) & kAddresses;
    return number >= kSmallest || globals
               ? Pointer{Pointer::Kind::kAddress, number}
               : Pointer{};
  }
  const Pointer at = AddressOf(from);
  if (at.kind != Pointer::Kind::kAddress ||
      operation.width != image_.machine().word) {
    return {};
  }
  if (const Image::Slot* slot = image_.SlotAt(at.number)) {
    uses_.push_back(at.number);
    return slot->address != 0 ? Pointer{Pointer::Kind::kAddress, slot->address}
                              : Pointer{Pointer::Kind::kInSlot, at.number};
  }
  const auto number = image_.FixedAt(at.number, operation.width);
  if (!number) {
    return {};
  }
  if (*number % kPage != 0) {
    uses_.push_back(*number);
  }
  return {Pointer::Kind::kAddress, *number};
}

Trail::Pointer Trail::Sum(const Operation& operation) {
  if (!operation.a.is_register() || !operation.b.is_immediate()) {
    return {};
  }
  Pointer sum = registers_.at(operation.a.base % kRegisters);
  if (sum.kind != Pointer::Kind::kAddress) {
    return {};
  }
  sum.number =
      (sum.number + static_cast<std::uint64_t>(operation.b.value)) & kAddresses;
  uses_.push_back(sum.number);
  return sum;
}

// The pointer is the function's own address and how far it lies from there.
void Trail::FindEntry(const Operation& operation) {
  const Machine& machine = image_.machine();
  const Pointer& distance = registers_.at(machine.globals % kRegisters);
  const auto is = [](const Operand& one, Register name) {
    return one.is_register() && one.base == name;
  };
  const bool makes =
      is(operation.to, machine.globals) &&
      ((is(operation.a, machine.globals) && is(operation.b, machine.table)) ||
       (is(operation.a, machine.table) && is(operation.b, machine.globals)));
  if (!makes || distance.kind != Pointer::Kind::kAddress) {
    return;
  }
  constexpr std::uint64_t kFurthest = 128;  // a prologue
  const std::uint64_t entry = (image_.globals() - distance.number) & kAddresses;
  const bool close =
      entry <= operation.address && operation.address - entry < kFurthest;
  entry_ = close && entry % machine.step == 0 ? entry : 0;
}

void Trail::Leave(bool comes_back) {
  for (std::size_t i = 0; i < kRegisters; ++i) {
    if (!comes_back || (image_.machine().kept >> i & 1U) == 0) {
      registers_.at(i) = {};
    }
  }
}

void Trail::Follow(const Operation& operation) {
  uses_.clear();
  entry_ = 0;
  slot_ = 0;
  const Operand& to = operation.to;
  Pointer result;
  switch (operation.does) {
    case Does::kMove:
      result = Moved(operation);
      break;
    case Does::kAdd:
      FindEntry(operation);
      result = Sum(operation);
      break;
    case Does::kCall:
      if (operation.a.is_register()) {
        const Pointer& target = registers_.at(operation.a.base % kRegisters);
        slot_ = target.kind == Pointer::Kind::kInSlot ? target.number : 0;
        if (target.kind == Pointer::Kind::kAddress) {
          uses_.push_back(target.number);
        }
      }
      return Leave(true);
    case Does::kJump:
    case Does::kReturn:
    case Does::kStop:
      return Leave(false);
    default:
      break;
  }
  if (to.is_register()) {
    registers_.at(to.base % kRegisters) = result;
  }
}

}  // namespace assay::code
