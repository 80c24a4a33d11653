#include "rules/yara/wake.h"

#include <algorithm>
#include <optional>

#include "rules/yara/value.h"

namespace assay::yara {
namespace {

using Kind = Expr::Kind;
using Quantity = Expr::Quantity;

// What is known of a value although the content is not; nothing when it
// depends on the content.
using Known = std::optional<Value>;

Known Truth(bool holds) {
  return Value(static_cast<std::int64_t>(holds));
}

class WithoutStrings {
 public:
  WithoutStrings(const Program& program, const LinkedRule& rule)
      : program_(program), rule_(rule) {}

  // NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
  [[nodiscard]] Known Of(const Expr& expr) const {
    switch (expr.kind) {
      case Kind::kNumber:
        return Value(expr.number);
      case Kind::kReal:
        return Value(expr.real);
      case Kind::kText:
        return Value(expr.text);
      case Kind::kFound:
      case Kind::kFoundAt:
      case Kind::kFoundIn:
      case Kind::kCount:
        return Truth(false);
      case Kind::kOffset:
      case Kind::kLength:
        return Value();
      case Kind::kRule:
        return OfRule(expr.index);
      case Kind::kNot:
        return OfNot(expr);
      case Kind::kAnd:
      case Kind::kOr:
        return OfLogic(expr);
      case Kind::kCompare:
      case Kind::kCalculate:
        return OfTwo(expr);
      case Kind::kOf:
      case Kind::kForStrings:
      case Kind::kForRange:
      case Kind::kForList:
        return OfSet(expr);
      default:
        return std::nullopt;
    }
  }

 private:
  [[nodiscard]] Known OfRule(std::uint32_t index) const {
    const bool sleeps = program_.rules[rule_.first_rule + index].sleeps;
    return sleeps ? Truth(false) : std::nullopt;
  }

  // NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
  [[nodiscard]] Known OfNot(const Expr& expr) const {
    const Known inner = Of(expr.of.front());
    if (!inner) {
      return std::nullopt;
    }
    return IsUndefined(*inner) ? inner : Truth(!IsTrue(*inner));
  }

  // NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
  [[nodiscard]] Known OfLogic(const Expr& expr) const {
    const bool deciding = expr.kind == Kind::kOr;
    bool open = false;
    for (const Expr& part : expr.of) {
      const Known known = Of(part);
      if (known && IsTrue(*known) == deciding) {
        return Truth(deciding);
      }
      open = open || !known;
    }
    return open ? std::nullopt : Truth(!deciding);
  }

  // NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
  [[nodiscard]] Known OfTwo(const Expr& expr) const {
    const Known left = Of(expr.of[0]);
    const Known right = Of(expr.of[1]);
    if ((left && IsUndefined(*left)) || (right && IsUndefined(*right))) {
      return Value();
    }
    if (!left || !right) {
      return std::nullopt;
    }
    return expr.kind == Kind::kCompare ? Compare(expr.op, *left, *right)
                                       : Calculate(expr.op, *left, *right);
  }

  // NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
  [[nodiscard]] Known OfSet(const Expr& expr) const {
    if (expr.of.empty() || !NeedsOne(expr)) {
      return std::nullopt;
    }
    const bool is_loop = expr.kind != Kind::kOf;
    if (is_loop) {
      const Known body = Of(expr.of.back());
      const bool never = body && !IsTrue(*body);
      return never || IsEmptyRange(expr) ? Truth(false) : std::nullopt;
    }
    const bool no_rule = std::all_of(
        expr.rules.begin(), expr.rules.end(),
        [&](std::uint32_t index) { return OfRule(index).has_value(); });
    return no_rule ? Truth(false) : std::nullopt;
  }

  // Whether the set has to give at least one.
  // NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
  [[nodiscard]] bool NeedsOne(const Expr& expr) const {
    if (expr.quantity == Quantity::kAny || expr.quantity == Quantity::kAll) {
      return true;
    }
    const Known wanted =
        expr.quantity == Quantity::kNone ? std::nullopt : Of(expr.of.front());
    return wanted && IntegerOf(*wanted).value_or(0) > 0;
  }

  // "for any i in (1..#a)" without any $a.
  // NOLINTNEXTLINE(misc-no-recursion): the parser bounds the tree's depth.
  [[nodiscard]] bool IsEmptyRange(const Expr& expr) const {
    if (expr.kind != Kind::kForRange) {
      return false;
    }
    const Known low = Of(expr.of[1]);
    const Known high = Of(expr.of[2]);
    return low && high && IntegerOf(*low) && IntegerOf(*high) &&
           *IntegerOf(*low) > *IntegerOf(*high);
  }

  const Program& program_;
  const LinkedRule& rule_;
};

}  // namespace

bool HoldsNotWithoutStrings(const Program& program, const LinkedRule& rule) {
  const Known known = WithoutStrings(program, rule).Of(rule.rule.condition);
  return known && !IsTrue(*known);
}

}  // namespace assay::yara
