#include "rules/yara/value.h"

#include <cmath>
#include <limits>

#include "verifier/base/text.h"

namespace assay::yara {
namespace {

using Op = Expr::Op;

Value Truth(bool holds) {
  return static_cast<std::int64_t>(holds);
}

template <typename T>
Value Ordered(Op op, const T& left, const T& right) {
  switch (op) {
    case Op::kEqual:
      return Truth(left == right);
    case Op::kUnequal:
      return Truth(left != right);
    case Op::kLess:
      return Truth(left < right);
    case Op::kLessEqual:
      return Truth(left <= right);
    case Op::kMore:
      return Truth(left > right);
    default:
      return Truth(left >= right);
  }
}

// As YARA compares them, so that 0.1 + 0.2 is 0.3.
Value OrderedReals(Op op, double left, double right) {
  const bool same =
      std::fabs(left - right) < std::numeric_limits<double>::epsilon();
  switch (op) {
    case Op::kEqual:
      return Truth(same);
    case Op::kUnequal:
      return Truth(!same);
    default:
      return Ordered(op, left, right);
  }
}

std::optional<double> RealOf(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) {
    return *real;
  }
  const auto integer = IntegerOf(value);
  return integer ? std::optional(static_cast<double>(*integer)) : std::nullopt;
}

Value Divided(Op op, std::int64_t left, std::int64_t right) {
  if (right == 0 ||
      (left == std::numeric_limits<std::int64_t>::min() && right == -1)) {
    return {};
  }
  return op == Op::kDivide ? left / right : left % right;
}

// Overflows wrap around, as they do in YARA.
Value OfIntegers(Op op, std::int64_t left, std::int64_t right) {
  const auto a = static_cast<std::uint64_t>(left);
  const auto b = static_cast<std::uint64_t>(right);
  const auto wrapped = [](std::uint64_t value) {
    return Value(static_cast<std::int64_t>(value));
  };
  switch (op) {
    case Op::kAdd:
      return wrapped(a + b);
    case Op::kSubtract:
      return wrapped(a - b);
    case Op::kMultiply:
      return wrapped(a * b);
    case Op::kAnd:
      return wrapped(a & b);
    case Op::kOr:
      return wrapped(a | b);
    case Op::kXor:
      return wrapped(a ^ b);
    case Op::kDivide:
    case Op::kModulo:
      return Divided(op, left, right);
    default:
      break;
  }
  if (right < 0) {
    return {};
  }
  if (right >= 64) {
    return Value(std::int64_t{0});
  }
  return op == Op::kShiftLeft ? wrapped(a << b) : Value(left >> right);
}

Value OfReals(Op op, double left, double right) {
  switch (op) {
    case Op::kAdd:
      return left + right;
    case Op::kSubtract:
      return left - right;
    case Op::kMultiply:
      return left * right;
    case Op::kDivide:
      return left / right;  // may be infinite
    default:
      return {};
  }
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == end;
}

}  // namespace

bool IsUndefined(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

bool IsTrue(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    return !text->empty();
  }
  return RealOf(value).value_or(0) != 0;
}

std::optional<std::int64_t> IntegerOf(const Value& value) {
  const auto* integer = std::get_if<std::int64_t>(&value);
  return integer == nullptr ? std::nullopt : std::optional(*integer);
}

Value Compare(Op op, const Value& left, const Value& right) {
  const auto* a = std::get_if<std::string>(&left);
  const auto* b = std::get_if<std::string>(&right);
  if (a != nullptr && b != nullptr) {
    return Ordered(op, *a, *b);
  }
  if (IntegerOf(left) && IntegerOf(right)) {
    return Ordered(op, *IntegerOf(left), *IntegerOf(right));
  }
  const auto x = RealOf(left);
  const auto y = RealOf(right);
  return x && y ? OrderedReals(op, *x, *y) : Value();
}

Value Calculate(Op op, const Value& left, const Value& right) {
  const auto a = IntegerOf(left);
  const auto b = IntegerOf(right);
  if (a && b) {
    return OfIntegers(op, *a, *b);
  }
  const auto x = RealOf(left);
  const auto y = RealOf(right);
  return x && y ? OfReals(op, *x, *y) : Value();
}

Value TestText(std::string_view name, const Value& left, const Value& right) {
  const auto* a = std::get_if<std::string>(&left);
  const auto* b = std::get_if<std::string>(&right);
  if (a == nullptr || b == nullptr) {
    return {};
  }
  const bool caseless = name.front() == 'i';
  const std::string text = caseless ? Lower(*a) : *a;
  const std::string part = caseless ? Lower(*b) : *b;
  const std::string_view test = name.substr(caseless ? 1 : 0);
  if (test == "contains") {
    return Truth(text.find(part) != std::string::npos);
  }
  if (test == "startswith") {
    return Truth(text.compare(0, part.size(), part) == 0);
  }
  return Truth(test == "endswith" ? EndsWith(text, part) : text == part);
}

bool AreEnough(Expr::Quantity quantity, std::int64_t wanted,
               std::uint64_t found, std::uint64_t all) {
  switch (quantity) {
    case Expr::Quantity::kAll:
      return found == all;
    case Expr::Quantity::kAny:
      return found > 0;
    case Expr::Quantity::kNone:
      return found == 0;
    case Expr::Quantity::kNumber:
      return wanted == 0 ? found == 0
                         : static_cast<std::int64_t>(found) >= wanted;
    case Expr::Quantity::kPercent:
      return static_cast<double>(found) * 100 >=
             static_cast<double>(wanted) * static_cast<double>(all);
  }
  return false;
}

Value ReadInteger(std::string_view format, ByteView data, std::int64_t offset) {
  const bool is_signed = format.front() == 'i';
  const bool big = EndsWith(format, "be");
  const std::string_view digits = format.substr(
      is_signed ? 3 : 4, format.size() - (is_signed ? 3 : 4) - (big ? 2 : 0));
  const std::uint64_t size = NumberOf(digits).value_or(8) / 8;
  const auto bytes =
      offset < 0 ? std::nullopt
                 : Slice(data, static_cast<std::uint64_t>(offset), size);
  if (!bytes) {
    return {};
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8U | (*bytes)[big ? i : size - 1 - i];
  }
  if (is_signed) {
    const std::uint64_t sign = std::uint64_t{1} << (size * 8 - 1);
    value = (value ^ sign) - sign;
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace assay::yara
