// The part of the parser that reads strings, sets of them, and loops.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "rules/yara/condition_parser.h"

namespace assay::yara {

using Kind = Expr::Kind;

std::optional<Expr::Quantity> ConditionParser::QuantityNamed(
    std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Expr::Quantity>, 3> kWords =
      {{{"all", Expr::Quantity::kAll},
        {"any", Expr::Quantity::kAny},
        {"none", Expr::Quantity::kNone}}};
  for (const auto& [name, quantity] : kWords) {
    if (word == name) {
      return quantity;
    }
  }
  return std::nullopt;
}

std::uint32_t ConditionParser::StringNamed(const Token& token) {
  const std::string name = "$" + token.text.substr(1);
  if (name == "$") {
    if (string_loops_ == 0) {
      Complain(token.mark,
               "a string without its name stands only in a loop "
               "over strings");
    }
    return Expr::kThisString;
  }
  for (std::size_t i = 0; i < rule_.strings.size(); ++i) {
    if (rule_.strings[i].name == name) {
      used_[i] = true;
      return static_cast<std::uint32_t>(i);
    }
  }
  Complain(token.mark, fmt::format("the rule has no string {}", name));
  return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::OfString() {
  const Token token = lexer_.Take();
  Expr expr{.mark = token.mark, .index = StringNamed(token)};
  switch (token.text.front()) {
    case '$':
      expr.kind = Kind::kFound;
      return Occurs(std::move(expr));
    case '#':
      expr.kind = Kind::kCount;
      if (TakeWord("in")) {
        ReadRange(expr);
      }
      return expr;
    default:
      expr.kind = token.text.front() == '@' ? Kind::kOffset : Kind::kLength;
  }
  if (TakeSign("[")) {
    expr.of.push_back(Enter() ? Calculated(0) : Expr{});
    --depth_;
    Expect("]");
  } else {
    expr.of.push_back(Expr{.kind = Kind::kNumber, .number = 1});
  }
  return expr;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Occurs(Expr found) {
  if (TakeWord("at")) {
    found.kind = Kind::kFoundAt;
    found.of.push_back(Enter() ? Calculated(0) : Expr{});
    --depth_;
  } else if (TakeWord("in")) {
    found.kind = Kind::kFoundIn;
    ReadRange(found);
  }
  return found;
}

// ( expression .. expression )
// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
void ConditionParser::ReadRange(Expr& into) {
  Expect("(");
  if (Enter()) {
    into.of.push_back(Calculated(0));
    Expect("..");
    into.of.push_back(Calculated(0));
  }
  --depth_;
  Expect(")");
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Of(Expr quantity) {
  lexer_.Take();  // of
  Expr of{.kind = Kind::kOf, .mark = quantity.mark};
  if (quantity.kind == Kind::kOf && quantity.strings.empty() &&
      quantity.rules.empty()) {
    of.quantity = quantity.quantity;
    of.of.emplace_back();
  } else {
    of.quantity = percent_ ? Expr::Quantity::kPercent : Expr::Quantity::kNumber;
    const bool is_share = quantity.kind != Kind::kNumber ||
                          (quantity.number >= 1 && quantity.number <= 100);
    if (percent_ && !is_share) {
      Complain(lexer_.Peek().mark, "a percentage goes from 1 to 100");
    }
    percent_ = false;
    of.of.push_back(std::move(quantity));
  }
  ReadSet(of);
  if (TakeWord("in")) {
    ReadRange(of);
  }
  return of;
}

// them, ($a, $b*), (rule_a, rule_b*)
void ConditionParser::ReadSet(Expr& of) {
  if (TakeWord("them")) {
    AddString({.mark = of.mark, .text = "$*"}, of);
    return;
  }
  Expect("(");
  do {
    ReadSetItem(of);
  } while (TakeSign(","));
  Expect(")");
}

void ConditionParser::ReadSetItem(Expr& of) {
  const Token token = lexer_.Take();
  if (token.kind == Token::Kind::kString && token.text.front() == '$') {
    AddString(token, of);
  } else if (token.kind == Token::Kind::kWord) {
    AddRules(token.text + (TakeSign("*") ? "*" : ""), token.mark, of);
  } else {
    Complain(token.mark, "a set lists strings or rules: ($a, $b*)");
  }
}

void ConditionParser::AddString(const Token& token, Expr& of) {
  if (token.text.back() != '*') {
    of.strings.push_back(StringNamed(token));
    return;
  }
  const std::string_view start =
      std::string_view(token.text).substr(0, token.text.size() - 1);
  const std::size_t before = of.strings.size();
  for (std::size_t i = 0; i < rule_.strings.size(); ++i) {
    if (rule_.strings[i].name.substr(0, start.size()) == start) {
      used_[i] = true;
      of.strings.push_back(static_cast<std::uint32_t>(i));
    }
  }
  if (of.strings.size() == before) {
    Complain(token.mark, fmt::format("the rule has no string {}", token.text));
  }
}

void ConditionParser::AddRules(const std::string& name, Mark mark, Expr& of) {
  const bool many = name.back() == '*';
  const std::string start = many ? name.substr(0, name.size() - 1) : name;
  const std::size_t before = of.rules.size();
  for (const auto& [known, index] : names_.rules) {
    if (many ? known.compare(0, start.size(), start) == 0 : known == start) {
      of.rules.push_back(index);
    }
  }
  if (of.rules.size() == before) {
    Complain(mark, fmt::format("no rule {} stands before this one", name));
  }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::ReadQuantity() {
  const Token& token = lexer_.Peek();
  const auto quantity = token.kind == Token::Kind::kWord
                            ? QuantityNamed(token.text)
                            : std::nullopt;
  Expr loop{.quantity = quantity.value_or(Expr::Quantity::kNumber)};
  if (quantity) {
    lexer_.Take();
    loop.of.emplace_back();
    return loop;
  }
  loop.of.push_back(Calculated(0));
  if (percent_) {
    loop.quantity = Expr::Quantity::kPercent;
    percent_ = false;
  }
  return loop;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::For() {
  const Mark mark = lexer_.Peek().mark;
  if (!Enter()) {
    return {};
  }
  Expr loop = ReadQuantity();
  loop.mark = mark;
  const std::size_t variables = variables_.size();
  const std::uint32_t string_loops = string_loops_;
  if (TakeWord("of")) {
    ForStrings(loop);
  } else {
    ForVariable(loop);
  }
  Expect(":");
  Expect("(");
  loop.of.push_back(Or());
  Expect(")");
  variables_.resize(variables);
  string_loops_ = string_loops;
  --depth_;
  return loop;
}

void ConditionParser::ForStrings(Expr& loop) {
  loop.kind = Kind::kForStrings;
  ReadSet(loop);
  ++string_loops_;
  if (!loop.rules.empty()) {
    Complain(loop.mark, "a loop goes over strings, not over rules");
  }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
void ConditionParser::ForVariable(Expr& loop) {
  std::vector<std::string> names;
  do {
    const Token token = lexer_.Take();
    if (token.kind != Token::Kind::kWord) {
      Complain(token.mark, "a loop needs the name of its variable");
      return;
    }
    names.push_back(token.text);
  } while (TakeSign(","));
  if (!TakeWord("in")) {
    Complain(lexer_.Peek().mark, "\"in\" or \"of\" is missing in the loop");
    return;
  }
  loop.kind = Kind::kForList;
  if (TakeSign("(")) {
    do {
      loop.of.push_back(Calculated(0));
    } while (TakeSign(","));
    if (loop.of.size() == 2 && TakeSign("..")) {
      loop.kind = Kind::kForRange;
      loop.of.push_back(Calculated(0));
    }
    Expect(")");
  } else {
    static_cast<void>(Calculated(0));
    Unsupported("loops over the parts of a module");
  }
  if (names.size() > 1) {
    Unsupported("loops over pairs");
  }
  loop.index = static_cast<std::uint32_t>(variables_.size());
  variables_.insert(variables_.end(), names.begin(), names.end());
}

}  // namespace assay::yara
