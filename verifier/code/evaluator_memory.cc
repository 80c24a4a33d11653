// Operands, and what memory holds.

#include <algorithm>

#include "verifier/code/evaluator.h"

namespace assay::code {
namespace {

using Kind = Value::Kind;

// Below it are numbers: nothing that a program writes lies there.
constexpr std::uint64_t kFirstPage = 0x1000;

std::int64_t Signed(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace

Value Evaluator::AddressOf(const Operand& operand, const State& state) const {
  const std::uint64_t mask =
      machine_.word == 8 ? ~std::uint64_t{0} : 0xffffffffU;
  Value address =
      operand.base == kNoRegister ? ConstantValue(0) : state.At(operand.base);
  Value index =
      operand.index == kNoRegister ? ConstantValue(0) : state.At(operand.index);
  const bool pointer = index.is(Kind::kFrame) || index.is(Kind::kArgument) ||
                       index.is(Kind::kResult);
  if (operand.scale == 1 && pointer && !address.is(Kind::kFrame)) {
    std::swap(address, index);
  }
  const auto offset = static_cast<std::uint64_t>(operand.value);
  const Origin::Bits other = index.origin & ~Origin::kConstant;
  if (address.constant() || address.is(Kind::kFrame)) {
    address.number += offset;
    if (index.constant()) {
      address.number += index.number * operand.scale;
    } else {
      address.loose = true;
      address.origin |= other;
    }
    if (address.constant()) {
      address.number &= mask;
    } else if (machine_.word == 4) {
      constexpr std::uint64_t kSign = 1ULL << 31U;
      address.number = ((address.number & mask) ^ kSign) - kSign;
    }
    return address;
  }
  const bool moved = offset != 0 || !index.constant() || index.number != 0;
  address.loose = address.loose || moved;
  address.origin |= other;
  // An offset that is an address, or no address at all but a sum of numbers.
  constexpr std::uint64_t kMost = 1ULL << 31U;
  if (address.is(Kind::kUnknown) && offset >= kFirstPage && offset < kMost) {
    return {.kind = Kind::kConstant,
            .loose = true,
            .origin = address.origin | Origin::kConstant,
            .number = offset};
  }
  return address.is(Kind::kVerdict) || address.is(Kind::kDifference)
             ? UnknownValue(address.origin)
             : address;
}

Value Evaluator::Read(const Operand& operand, std::uint8_t width,
                      const State& state) const {
  switch (operand.kind) {
    case Operand::Kind::kRegister:
      return state.At(operand.base);
    case Operand::Kind::kImmediate:
      return ConstantValue(static_cast<std::uint64_t>(operand.value));
    case Operand::Kind::kMemory:
      return Load(AddressOf(operand, state), width, state);
    case Operand::Kind::kNone:
      break;
  }
  return {};
}

void Evaluator::Write(const Operand& operand, std::uint8_t width,
                      const Value& value, State& state) {
  if (operand.is_register()) {
    state.Set(operand.base, value);
  } else if (operand.is_memory()) {
    Store(AddressOf(operand, state), width, value, state);
  }
}

Value Evaluator::Load(const Value& address, std::uint8_t width,
                      const State& state) const {
  if (address.is(Kind::kFrame) && !address.loose) {
    if (const auto value =
            state.Load(Signed(address.number), width, machine_.order)) {
      return *value;
    }
  }
  if (address.constant() && !address.loose) {
    if (const Image::Slot* slot = image_.SlotAt(address.number)) {
      return slot->address != 0
                 ? ConstantValue(slot->address)
                 : Value{.kind = Kind::kSlot, .number = address.number};
    }
    if (width == 16 && image_.FixedAt(address.number + 8, 8)) {
      return {.kind = Kind::kBlock,
              .origin = Origin::kConstant,
              .number = address.number};
    }
    if (width <= 8) {
      if (const auto number = image_.FixedAt(address.number, width)) {
        return ConstantValue(*number);
      }
    }
  }
  Origin::Bits origin = OriginOf(address, state);
  if (address.constant() && !image_.FixedAt(address.number, 1)) {
    origin &= ~Origin::kConstant;  // what is there now, the program wrote
    origin |= knowledge_.globals().At(Signed(address.number));
  }
  return UnknownValue(origin);
}

void Evaluator::Store(const Value& address, std::uint8_t width,
                      const Value& value, State& state) {
  if (address.is(Kind::kFrame) && !address.loose) {
    const std::int64_t at = Signed(address.number);
    if (!value.is(Kind::kBlock) || width != 16) {
      return state.Store(at, width, value);
    }
    for (const std::uint8_t half : {std::uint8_t{0}, std::uint8_t{8}}) {
      const auto number = image_.FixedAt(value.number + half, 8);
      state.Store(at + half, 8, number ? ConstantValue(*number) : Value{});
    }
    return;
  }
  Fill(address, value.origin & ~Origin::kParameter);
}

Origin::Bits Evaluator::OriginOf(const Value& value, const State& state) const {
  Origin::Bits origin = value.origin;
  switch (value.kind) {
    case Kind::kFrame: {
      constexpr std::int64_t kNear = 32;
      const std::int64_t at = Signed(value.number);
      origin |= frame_.At(at);
      for (auto slot = state.From(at);
           slot != state.frame.end() && slot->at < at + kNear; ++slot) {
        origin |= slot->value.origin;
      }
      break;
    }
    case Kind::kConstant:
      if (image_.At(value.number, 1).empty() ||
          !image_.FixedAt(value.number, 1)) {
        origin |= knowledge_.globals().At(Signed(value.number));
      }
      break;
    case Kind::kSlot: {
      const Image::Slot* slot = image_.SlotAt(value.number);
      origin |= slot != nullptr && slot->name == "stdin" ? Origin::kInput : 0;
      break;
    }
    case Kind::kResult: {
      const auto made = made_.find(value.site);
      origin |= made == made_.end() ? 0 : made->second;
      break;
    }
    default:
      break;
  }
  return origin;
}

void Evaluator::Fill(const Value& pointer, Origin::Bits origin) {
  if (origin == 0) {
    return;
  }
  switch (pointer.kind) {
    case Kind::kFrame:
      learned_ = frame_.Add(Signed(pointer.number), origin) || learned_;
      break;
    case Kind::kConstant:
      if (pointer.number >= kFirstPage &&
          knowledge_.globals().Add(Signed(pointer.number), origin)) {
        knowledge_.globals_changed = true;
        learned_ = true;
      }
      break;
    case Kind::kResult: {
      Origin::Bits& known = made_[pointer.site];
      learned_ = learned_ || (known | origin) != known;
      known |= origin;
      break;
    }
    case Kind::kArgument: {
      Origin::Bits& known =
          knowledge_.Of(entry_).fills.at(pointer.number % kArguments);
      const Origin::Bits outside = origin & ~Origin::kConstant;
      if ((known | outside) != known) {
        known |= outside;
        knowledge_.give_more.insert(entry_);
      }
      break;
    }
    default:
      break;
  }
}

std::optional<std::string> Evaluator::TextOf(const Value& value,
                                             const State& state) const {
  if (value.loose) {
    return std::nullopt;
  }
  if (value.is(Kind::kFrame)) {
    return state.TextAt(Signed(value.number), machine_.order);
  }
  // Linkers put what no program names, headers and tables, before the code.
  const bool names = value.constant() && !image_.code().empty() &&
                     value.number > image_.code().front().address &&
                     !image_.IsCode(value.number);
  const auto text = names ? image_.TextAt(value.number) : std::nullopt;
  return text && !text->empty() ? std::optional(std::string(*text))
                                : std::nullopt;
}

}  // namespace assay::code
