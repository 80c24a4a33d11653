#include "verifier/code/evaluator.h"

#include <algorithm>

namespace assay::code {
namespace {

using Kind = Value::Kind;

std::uint64_t Masked(std::uint64_t number, std::uint8_t width) {
  return width == 0 || width >= 8
             ? number
             : number & ((std::uint64_t{1} << (8U * width)) - 1);
}

bool IsPointer(const Value& value) {
  return value.is(Kind::kFrame) || value.is(Kind::kArgument) ||
         value.is(Kind::kSlot) || value.is(Kind::kResult);
}

Value Loose(Value value, Origin::Bits origin) {
  value.loose = true;
  value.origin |= origin;
  return value;
}

Value Sum(const Value& a, const Value& b, bool minus) {
  if (b.constant() && (a.constant() || a.is(Kind::kFrame))) {
    Value sum = a;
    sum.number = minus ? a.number - b.number : a.number + b.number;
    return sum;
  }
  if (!minus && a.constant() && b.is(Kind::kFrame)) {
    return Sum(b, a, false);
  }
  if (b.constant() && b.number == 0 && IsPointer(a)) {
    return a;
  }
  const Origin::Bits origin = a.origin | b.origin;
  if (IsPointer(a) && !IsPointer(b)) {
    return Loose(a, b.origin & ~Origin::kConstant);
  }
  if (!minus && IsPointer(b) && !IsPointer(a)) {
    return Loose(b, a.origin & ~Origin::kConstant);
  }
  // An address of the program itself, and something that is not known.
  constexpr std::uint64_t kSmallest = 0x1000;
  if (!minus && a.constant() && a.number >= kSmallest && !b.constant()) {
    return Loose(a, b.origin);
  }
  if (!minus && b.constant() && b.number >= kSmallest && !a.constant()) {
    return Loose(b, a.origin);
  }
  return UnknownValue(origin);
}

// A register of half a word, or of a processor of 32 bits.
Value Narrow(Value value, std::uint8_t width) {
  if (width == 4 && value.constant()) {
    value.number = Masked(value.number, width);
  } else if (width == 4 && value.is(Kind::kFrame)) {
    constexpr std::uint64_t kSign = 1ULL << 31U;
    value.number = (Masked(value.number, width) ^ kSign) - kSign;
  }
  return value;
}

// Zero exactly if the one was the constant that the other is.
Value Difference(const Value& a, const Value& b, std::uint8_t width) {
  const Value& fixed = a.constant() ? a : b;
  const Value& asked = a.constant() ? b : a;
  return {.kind = Kind::kDifference,
          .width = width,
          .origin = asked.origin,
          .number = Masked(fixed.number, width)};
}

}  // namespace

State Evaluator::EntryState() const {
  State state;
  const Summary& summary = knowledge_.Of(entry_);
  for (std::size_t i = 0; i < kArguments; ++i) {
    const Value value = {.kind = Kind::kArgument,
                         .origin = summary.given.at(i) | Origin::kParameter,
                         .number = i};
    if (!machine_.stack_arguments && i < machine_.arguments) {
      state.Set(machine_.argument.at(i), value);
      continue;
    }
    const std::size_t slot =
        machine_.stack_arguments ? i : i - machine_.arguments;
    const std::size_t way_back =
        machine_.link == kNoRegister ? machine_.word : 0;
    state.Store(static_cast<std::int64_t>(machine_.stack_start + way_back +
                                          slot * machine_.word),
                machine_.word, value);
  }
  if (machine_.globals != kNoRegister && image_.globals() != 0) {
    state.Set(machine_.globals, ConstantValue(image_.globals()));
  }
  if (machine_.table != kNoRegister) {
    state.Set(machine_.table, ConstantValue(entry_));
  }
  state.Set(machine_.stack, {.kind = Kind::kFrame});
  return state;
}

bool Evaluator::Run(std::uint32_t block, State& state, Trace& trace) {
  learned_ = false;
  const Block& one = body_.blocks[block];
  for (std::uint32_t i = one.first; i < one.first + one.count; ++i) {
    Step(body_.operations[i], {.block = block, .site = i + 1}, state, trace);
  }
  trace.results[block] = state.At(ResultAfter(block));
  return learned_;
}

// The register from which the block behind takes what it returns, if it does
// nothing else: code that is not optimized returns at one place.
Register Evaluator::ResultAfter(std::uint32_t block) const {
  const Register result = machine_.result;
  if (body_.blocks[block].next.size() != 1) {
    return result;
  }
  const Block& last = body_.blocks[body_.blocks[block].next[0]];
  Register from = result;
  for (std::uint32_t i = last.first; i < last.first + last.count; ++i) {
    const Operation& one = body_.operations[i];
    if (one.does == Does::kReturn) {
      return from;
    }
    const bool takes = one.does == Does::kMove && one.to.is_register() &&
                       one.to.base == result && one.a.is_register();
    const bool spoils =
        one.to.is_register() && (one.to.base == result || one.to.base == from);
    if (one.does == Does::kCall || one.does == Does::kJump ||
        (spoils && (!takes || from != result))) {
      return result;
    }
    from = takes ? one.a.base : from;
  }
  return result;
}

void Evaluator::Step(const Operation& operation, const Place& place,
                     State& state, Trace& trace) {
  switch (operation.does) {
    case Does::kOther:
      Write(operation.to, operation.width, {}, state);
      break;
    case Does::kMove: {
      Value value = Read(operation.a, operation.width, state);
      if (value.constant() && operation.extends && operation.width < 8) {
        const std::uint64_t sign = std::uint64_t{1}
                                   << (8U * operation.width - 1U);
        value.number = (Masked(value.number, operation.width) ^ sign) - sign;
      } else if (value.constant() && !operation.a.is_immediate()) {
        value.number = Masked(value.number, operation.width);
      }
      if (operation.to.is_memory() && operation.width == 1 &&
          (value.origin & Origin::kGuessable) != 0) {
        trace.guessable.push_back(operation.address);
      }
      constexpr std::uint64_t kSmall = 0xff;
      if (operation.to.is_memory() && value.constant() && !value.loose &&
          value.number <= kSmall) {
        trace.assigns[place.block] = true;
      }
      Write(operation.to, operation.width, value, state);
      break;
    }
    case Does::kAddress:
      Write(operation.to, operation.width, AddressOf(operation.a, state),
            state);
      break;
    case Does::kCompare:
    case Does::kTest:
      return Compare(operation, state);
    case Does::kSet:
      AddTest(operation, place, state, trace);
      Write(operation.to, 1, {.kind = Kind::kVerdict, .site = place.site},
            state);
      break;
    case Does::kSelect: {
      const Test& test = AddTest(operation, place, state, trace);
      const Value a = Read(operation.a, operation.width, state);
      const Value old = Read(operation.to, operation.width, state);
      Value chosen = Join(old, a);
      if (a.constant() && old.constant() &&
          test.condition != Condition::kOther) {
        chosen = {.kind = Kind::kVerdict,
                  .negated = a.number == 0,
                  .origin = Origin::kConstant,
                  .site = place.site};
      }
      Write(operation.to, operation.width, chosen, state);
      break;
    }
    case Does::kPush: {
      const Value value = Read(operation.a, machine_.word, state);
      const Value top =
          Sum(state.At(machine_.stack), ConstantValue(machine_.word), true);
      state.Set(machine_.stack, top);
      Store(top, machine_.word, value, state);
      break;
    }
    case Does::kPop: {
      const Value top = state.At(machine_.stack);
      Write(operation.to, machine_.word, Load(top, machine_.word, state),
            state);
      if (!operation.to.is_register() || operation.to.base != machine_.stack) {
        state.Set(machine_.stack,
                  Sum(top, ConstantValue(machine_.word), false));
      }
      break;
    }
    case Does::kCall:
      return Invoke(operation, place, state, trace);
    case Does::kJump:
      return Jump(operation, place, state, trace);
    case Does::kBranch:
      AddTest(operation, place, state, trace);
      break;
    case Does::kReturn:
      return Return(state);
    case Does::kStop:
      break;
    default: {
      const Value a = Read(operation.a, operation.width, state);
      const Value b = Read(operation.b, operation.width, state);
      const Value result = Narrow(Compute(operation, a, b), operation.width);
      if (operation.sets_flags) {
        const bool minus = operation.does == Does::kSubtract;
        const bool plus = operation.does == Does::kAdd && b.constant();
        const Value sum = ConstantValue(Masked(-b.number, operation.width));
        state.flags = {.left = minus || plus ? a : result,
                       .right = minus  ? b
                                : plus ? sum
                                       : ConstantValue(0),
                       .width = operation.width};
      }
      return Write(operation.to, operation.width, result, state);
    }
  }
  if (operation.sets_flags) {
    state.flags = {};
  }
}

std::string Evaluator::BytesOf(const Value& difference) const {
  if (difference.site != 0) {
    return joined_.at(difference.site - 1);
  }
  std::string bytes;
  for (unsigned i = 0; i < std::min<unsigned>(difference.width, 8); ++i) {
    bytes += static_cast<char>(difference.number >> (8U * i) & 0xffU);
  }
  if (machine_.order == ByteOrder::kBig) {
    std::reverse(bytes.begin(), bytes.end());
  }
  return bytes;
}

// Compilers take the second part first.
Value Evaluator::Joined(const Value& first, const Value& second) {
  constexpr std::size_t kMost = 256;  // of a function
  Value sum = first.number == 0 ? second : first;
  sum.width =
      static_cast<std::uint16_t>(std::min(first.width + second.width, 0xffff));
  sum.origin = first.origin | second.origin;
  sum.site = 0;
  const std::string bytes = BytesOf(first) + BytesOf(second);
  auto known = std::find(joined_.begin(), joined_.end(), bytes);
  if (known == joined_.end() && joined_.size() < kMost) {
    known = joined_.insert(known, bytes);
  }
  if (known != joined_.end()) {
    sum.site = static_cast<std::uint32_t>(known - joined_.begin()) + 1;
  }
  return sum;
}

Value Evaluator::Compute(const Operation& operation, const Value& a,
                         const Value& b) {
  Origin::Bits origin = a.origin | b.origin;
  const bool both = a.constant() && b.constant();
  const bool unknown = a.is(Kind::kUnknown) && b.is(Kind::kUnknown);
  if (operation.mixes || (operation.does == Does::kXor && unknown)) {
    origin |= Origin::kComputed;
  }
  const bool one = a.constant() != b.constant();
  const bool unmasks = operation.does == Does::kXor && one &&
                       (origin & ~Origin::kComputed) == Origin::kConstant;
  const Value& fixed = a.constant() ? a : b;
  const Value& other = a.constant() ? b : a;
  switch (operation.does) {
    case Does::kAdd:
      return Sum(a, b, false);
    case Does::kSubtract:
      return b.constant() && a.is(Kind::kUnknown)
                 ? Difference(a, b, operation.width)
                 : Sum(a, b, true);
    case Does::kXor:
      return both ? ConstantValue(a.number ^ b.number)
             : one && other.is(Kind::kVerdict) && fixed.number == 1
                 ? Value{.kind = Kind::kVerdict,
                         .negated = !other.negated,
                         .site = other.site}
             : unmasks ? UnknownValue(origin | Origin::kComputed)
             : one     ? Difference(a, b, operation.width)
                       : UnknownValue(origin);
    case Does::kAnd: {
      if (both) {
        return ConstantValue(a.number & b.number);
      }
      const std::uint64_t mask = Masked(fixed.number, operation.width);
      const bool whole = mask == 0xff || mask == 0xffff || mask == 0xffffffff;
      const bool aligns = other.is(Kind::kFrame);
      return one && (whole || aligns) ? other : UnknownValue(origin);
    }
    case Does::kOr:
      if (a.is(Kind::kDifference) && b.is(Kind::kDifference)) {
        return Joined(b, a);
      }
      return both                       ? ConstantValue(a.number | b.number)
             : one && fixed.number == 0 ? other
                                        : UnknownValue(origin);
    default:
      return both ? UnknownValue(Origin::kConstant) : UnknownValue(origin);
  }
}

void Evaluator::Compare(const Operation& operation, State& state) const {
  const Value left = Read(operation.a, operation.width, state);
  const Value right = Read(operation.b, operation.width, state);
  const bool itself = operation.does == Does::kTest &&
                      operation.a.is_register() && operation.b.is_register() &&
                      operation.a.base == operation.b.base;
  state.flags = {.left = left,
                 .right = itself ? ConstantValue(0) : right,
                 .bits = operation.does == Does::kTest && !itself,
                 .width = operation.width};
}

const Test& Evaluator::AddTest(const Operation& operation, const Place& place,
                               const State& state, Trace& trace) {
  Test test = {.site = place.site,
               .address = operation.address,
               .length = operation.length,
               .block = place.block,
               .branches = operation.does == Does::kBranch,
               .chooses = operation.does == Does::kSelect ||
                          operation.does == Does::kSet,
               .bits = state.flags.bits,
               .width = state.flags.width,
               .condition = operation.condition,
               .left = state.flags.left,
               .right = state.flags.right};
  if (test.left.constant() && !test.right.constant()) {
    std::swap(test.left, test.right);
    using enum Condition;
    test.condition = test.condition == kLess      ? kMore
                     : test.condition == kMore    ? kLess
                     : test.condition == kNotLess ? kNotMore
                     : test.condition == kNotMore ? kNotLess
                                                  : test.condition;
  }
  test.origin = OriginOf(test.left, state);
  return trace.tests.emplace_back(test);
}

void Evaluator::Jump(const Operation& operation, const Place& place,
                     State& state, Trace& trace) {
  const bool inside = !body_.blocks[place.block].next.empty();
  if (!inside) {  // the last call of the function
    Invoke(operation, place, state, trace);
    Return(state);
  }
}

void Evaluator::Return(const State& state) {
  Summary& summary = knowledge_.Of(entry_);
  const Origin::Bits origin = OriginOf(state.At(machine_.result), state) &
                              ~(Origin::kParameter | Origin::kConstant);
  if ((summary.result | origin) != summary.result) {
    summary.result |= origin;
    knowledge_.give_more.insert(entry_);
  }
}

}  // namespace assay::code
