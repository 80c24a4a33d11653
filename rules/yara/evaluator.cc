#include "rules/yara/evaluator.h"

#include <algorithm>
#include <utility>

#include "rules/yara/modules.h"

namespace assay::yara {
namespace {

using Kind = Expr::Kind;

Value Truth(bool holds) {
  return static_cast<std::int64_t>(holds);
}

}  // namespace

bool Evaluator::Holds() {
  return IsTrue(Of(rule_.rule.condition));
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::Of(const Expr& expr) {
  if (!finder_.effort().Spend(1)) {
    return {};
  }
  switch (expr.kind) {
    case Kind::kFound:
    case Kind::kFoundAt:
    case Kind::kFoundIn:
    case Kind::kCount:
      return OfString(expr);
    case Kind::kOffset:
    case Kind::kLength:
      return OfPlace(expr);
    case Kind::kNot:
    case Kind::kDefined:
    case Kind::kAnd:
    case Kind::kOr:
      return OfLogic(expr);
    case Kind::kMinus:
    case Kind::kBitNot:
      return OfSign(expr);
    case Kind::kCompare:
      return Compare(expr.op, Of(expr.of[0]), Of(expr.of[1]));
    case Kind::kCalculate:
      return Calculate(expr.op, Of(expr.of[0]), Of(expr.of[1]));
    case Kind::kTextTest:
      return TestText(expr.text, Of(expr.of[0]), Of(expr.of[1]));
    case Kind::kMatches:
      return OfMatch(expr);
    case Kind::kCall:
      return OfCall(expr);
    case Kind::kOf:
      return OfSet(expr);
    case Kind::kForStrings:
    case Kind::kForRange:
    case Kind::kForList:
      return OfLoop(expr);
    default:
      return OfLeaf(expr);
  }
}

bool Evaluator::RuleHolds(std::uint32_t index) {
  const std::optional<bool> result = results_[rule_.first_rule + index];
  if (!result) {
    finder_.effort().given_up = true;
  }
  return result.value_or(false);
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfLeaf(const Expr& expr) {
  switch (expr.kind) {
    case Kind::kNumber:
      return expr.number;
    case Kind::kReal:
      return expr.real;
    case Kind::kText:
      return finder_.effort().Spend(expr.text.size() / kBytesPerStep)
                 ? Value(expr.text)
                 : Value();
    case Kind::kFileSize:
      return static_cast<std::int64_t>(finder_.data().size());
    case Kind::kVariable:
      return variables_[expr.index];
    case Kind::kRule:
      return Truth(RuleHolds(expr.index));
    default: {
      const auto offset = IntegerOf(Of(expr.of.front()));
      return offset ? ReadInteger(expr.text, finder_.data(), *offset) : Value();
    }
  }
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
std::optional<bool> Evaluator::IsIn(std::uint32_t string, const Expr& low,
                                    const Expr& high) {
  const auto first = IntegerOf(Of(low));
  const auto last = IntegerOf(Of(high));
  if (!first || !last) {
    return std::nullopt;
  }
  return *last >= 0 && finder_.OccursIn(string,
                                        static_cast<std::uint64_t>(
                                            std::max<std::int64_t>(0, *first)),
                                        static_cast<std::uint64_t>(*last));
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfString(const Expr& expr) {
  const std::uint32_t string = StringOf(expr);
  if (expr.kind == Kind::kFound) {
    return Truth(finder_.Occurs(string));
  }
  if (expr.kind == Kind::kFoundAt) {
    const auto offset = IntegerOf(Of(expr.of.front()));
    return Truth(offset && *offset >= 0 &&
                 finder_.OccursAt(string, static_cast<std::uint64_t>(*offset)));
  }
  if (expr.kind == Kind::kFoundIn) {
    const auto is_in = IsIn(string, expr.of[0], expr.of[1]);
    return is_in ? Truth(*is_in) : Value();
  }
  const auto& places = finder_.AllPlaces(string);
  if (expr.of.empty()) {
    return static_cast<std::int64_t>(places.size());
  }
  const auto first = IntegerOf(Of(expr.of[0]));
  const auto last = IntegerOf(Of(expr.of[1]));
  if (!first || !last) {
    return {};
  }
  const auto begin = std::partition_point(
      places.begin(), places.end(), [&](const Range& place) {
        return static_cast<std::int64_t>(place.offset) < *first;
      });
  const auto end =
      std::partition_point(begin, places.end(), [&](const Range& place) {
        return static_cast<std::int64_t>(place.offset) <= *last;
      });
  return static_cast<std::int64_t>(end - begin);
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfPlace(const Expr& expr) {
  const auto number = IntegerOf(Of(expr.of.front()));
  if (!number || *number < 1) {
    return {};
  }
  const auto& places = finder_.AllPlaces(StringOf(expr));
  if (static_cast<std::uint64_t>(*number) > places.size()) {
    return {};
  }
  const Range& place = places[static_cast<std::size_t>(*number - 1)];
  return static_cast<std::int64_t>(expr.kind == Kind::kOffset ? place.offset
                                                              : place.length);
}

// Undefined is neither true nor false; "and" and "or" take it for false.
// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfLogic(const Expr& expr) {
  if (expr.kind == Kind::kNot || expr.kind == Kind::kDefined) {
    Value inner = Of(expr.of.front());
    if (expr.kind == Kind::kDefined) {
      return Truth(!IsUndefined(inner));
    }
    return IsUndefined(inner) ? inner : Truth(!IsTrue(inner));
  }
  const bool deciding = expr.kind == Kind::kOr;
  for (const Expr& part : expr.of) {
    if (IsTrue(Of(part)) == deciding) {
      return Truth(deciding);
    }
  }
  return Truth(!deciding);
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfSign(const Expr& expr) {
  const Value inner = Of(expr.of.front());
  if (expr.kind == Kind::kMinus) {
    return Calculate(Expr::Op::kSubtract, std::int64_t{0}, inner);
  }
  const auto number = IntegerOf(inner);
  return number ? Value(~*number) : Value();
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfMatch(const Expr& expr) {
  const Value value = Of(expr.of.front());
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) {
    return {};
  }
  const ByteView data = AsBytes(*text);
  bool matches = false;
  for (std::uint64_t at = 0; at <= data.size() && !matches; ++at) {
    matches = expr.automaton
                  ->MatchAt(data, at, {.most = data.size(), .shortest = true},
                            finder_.run(), finder_.effort())
                  .has_value();
  }
  return Truth(matches);
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfCall(const Expr& expr) {
  std::vector<Value> arguments;
  for (const Expr& argument : expr.of) {
    arguments.push_back(Of(argument));
    if (IsUndefined(arguments.back())) {
      return {};
    }
  }
  const Call* call = FindCall(expr.text, arguments.size());
  return call == nullptr ? Value() : finder_.Run(*call, arguments);
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
std::optional<std::int64_t> Evaluator::Wanted(const Expr& expr) {
  return expr.of.empty() ? std::nullopt : IntegerOf(Of(expr.of.front()));
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfSet(const Expr& expr) {
  const auto wanted = Wanted(expr);
  if (!wanted) {
    return {};
  }
  const bool ranged = expr.of.size() == 3;
  if (!finder_.effort().Spend(expr.strings.size() + expr.rules.size())) {
    return {};
  }
  std::uint64_t found = 0;
  for (const std::uint32_t index : expr.strings) {
    const std::uint32_t string =
        index == Expr::kThisString ? this_string_ : rule_.first_string + index;
    const auto there =
        ranged ? IsIn(string, expr.of[1], expr.of[2]) : finder_.Occurs(string);
    if (!there) {
      return {};
    }
    found += *there ? 1U : 0U;
  }
  for (const std::uint32_t index : expr.rules) {
    found += RuleHolds(index) ? 1U : 0U;
  }
  return Truth(AreEnough(expr.quantity, *wanted, found,
                         expr.strings.size() + expr.rules.size()));
}

// Whether the loop may go on.
// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
bool Evaluator::Turn(const Expr& loop, Turns& turns) {
  ++turns.all;
  turns.found += IsTrue(Of(loop.of.back())) ? 1U : 0U;
  return !finder_.effort().given_up;
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
bool Evaluator::Turn(const Expr& loop, Value value, Turns& turns) {
  if (variables_.size() <= loop.index) {
    variables_.resize(loop.index + std::size_t{1});
  }
  variables_[loop.index] = std::move(value);
  return Turn(loop, turns);
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Evaluator::Turns Evaluator::OverRange(const Expr& loop) {
  Turns turns;
  const auto first = IntegerOf(Of(loop.of[1]));
  const auto last = IntegerOf(Of(loop.of[2]));
  if (!first || !last || *first > *last) {
    return turns;
  }
  for (std::int64_t i = *first; Turn(loop, i, turns) && i < *last; ++i) {
  }
  return turns;
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Evaluator::Turns Evaluator::OverList(const Expr& loop) {
  Turns turns;
  for (std::size_t i = 1; i + 1 < loop.of.size(); ++i) {
    if (!Turn(loop, Of(loop.of[i]), turns)) {
      break;
    }
  }
  return turns;
}

// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Evaluator::Turns Evaluator::OverStrings(const Expr& loop) {
  Turns turns;
  const std::uint32_t outer = this_string_;
  for (const std::uint32_t index : loop.strings) {
    this_string_ =
        index == Expr::kThisString ? outer : rule_.first_string + index;
    if (!Turn(loop, turns)) {
      break;
    }
  }
  this_string_ = outer;
  return turns;
}

// A loop that goes over nothing does not hold, whatever is wanted.
// NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
Value Evaluator::OfLoop(const Expr& expr) {
  const auto wanted = Wanted(expr);
  if (!wanted) {
    return {};
  }
  const Turns turns = expr.kind == Kind::kForRange  ? OverRange(expr)
                      : expr.kind == Kind::kForList ? OverList(expr)
                                                    : OverStrings(expr);
  return Truth(turns.all > 0 &&
               AreEnough(expr.quantity, *wanted, turns.found, turns.all));
}

}  // namespace assay::yara
