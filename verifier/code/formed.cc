#include "verifier/code/formed.h"

namespace assay::code {

std::optional<std::uint64_t> FormedAddresses::AddressOf(
    const Operand& operand) const {
  auto address = static_cast<std::uint64_t>(operand.value);
  for (const Register name : {operand.base, operand.index}) {
    if (name == kNoRegister) {
      continue;
    }
    const auto& known = known_.at(name % kRegisters);
    if (!known) {
      return std::nullopt;
    }
    address += *known * (name == operand.index ? operand.scale : 1U);
  }
  return image_.machine().word == 8 ? address : address & 0xffffffffU;
}

std::optional<std::uint64_t> FormedAddresses::Of(const Operand& operand) const {
  switch (operand.kind) {
    case Operand::Kind::kRegister:
      return known_.at(operand.base % kRegisters);
    case Operand::Kind::kImmediate:
      return static_cast<std::uint64_t>(operand.value);
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> FormedAddresses::Read(const Operation& operation) {
  if (operation.does == Does::kMove && operation.a.is_memory()) {
    const auto address = AddressOf(operation.a);
    const Image::Slot* slot = address ? image_.SlotAt(*address) : nullptr;
    if (slot != nullptr && slot->address != 0) {
      return slot->address;
    }
    return address && slot == nullptr
               ? image_.FixedAt(*address, operation.width)
               : std::nullopt;
  }
  if (operation.does == Does::kMove) {
    return Of(operation.a);
  }
  if (operation.does == Does::kAddress) {
    return AddressOf(operation.a);
  }
  const auto a = Of(operation.a);
  const auto b = Of(operation.b);
  if (!a || !b) {
    return std::nullopt;
  }
  switch (operation.does) {
    case Does::kAdd:
      return *a + *b;
    case Does::kSubtract:
      return *a - *b;
    case Does::kAnd:
      return *a & *b;
    case Does::kOr:
      return *a | *b;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> FormedAddresses::Take(const Operation& operation) {
  switch (operation.does) {
    case Does::kReturn:
    case Does::kJump:
    case Does::kStop:
      known_ = {};
      return std::nullopt;
    case Does::kCall:
      for (std::size_t i = 0; i < kRegisters; ++i) {
        if ((image_.machine().kept >> i & 1U) == 0) {
          known_.at(i).reset();
        }
      }
      return std::nullopt;
    default:
      break;
  }
  std::optional<std::uint64_t> value = Read(operation);
  if (value && image_.machine().word == 4) {
    *value &= 0xffffffffU;
  }
  // Constants beside it are places within a function: tables of a switch.
  // Where the object is moved, others are numbers, until something is added.
  const bool near = operation.does == Does::kMove && operation.a.is_immediate();
  const bool sum = operation.does == Does::kAdd ||
                   operation.does == Does::kSubtract ||
                   operation.does == Does::kAddress;
  const bool tells = !near && (sum || image_.stays());
  std::optional<std::uint64_t> slot =
      operation.a.is_memory() ? AddressOf(operation.a) : std::nullopt;
  if (slot && image_.SlotAt(*slot) == nullptr) {
    slot.reset();
  }
  if (operation.to.is_register()) {
    known_.at(operation.to.base % kRegisters) =
        operation.does == Does::kSelect ? std::nullopt : value;
  }
  const std::uint64_t mode = image_.machine().mode;
  const bool aligned = value && ((*value & mode) != 0 || *value % 4 == 0);
  const bool code =
      tells && aligned && operation.to.is_register() && image_.IsCode(*value);
  return code ? value : slot;
}

}  // namespace assay::code
