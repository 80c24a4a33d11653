// Arithmetic expansion by precedence climbing on two small stacks.

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "verifier/facts/shell_values.h"

namespace assay::facts {
namespace {

// Wraps around as two's complement does, in types where that is defined.
using Number = std::uint64_t;

int PrecedenceOf(std::string_view op) {
  static constexpr std::pair<std::string_view, int> kOperators[] = {
      {"|", 1}, {"^", 2}, {"&", 3}, {"<<", 4}, {">>", 4},
      {"+", 5}, {"-", 5}, {"*", 6}, {"/", 6},  {"%", 6}};
  for (const auto& [name, precedence] : kOperators) {
    if (name == op) {
      return precedence;
    }
  }
  return 0;
}

std::optional<Number> Combine(std::string_view op, Number a, Number b) {
  switch (op[0]) {
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '&':
      return a & b;
    case '<':
      return a << (b & 63U);
    case '>':
      return a >> (b & 63U);
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      break;
  }
  if (b == 0) {
    return std::nullopt;
  }
  return op == "/" ? a / b : a % b;
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

// "0xd0a5", "0123", "10", bash's "36#abc".
// NOLINTNEXTLINE(misc-no-recursion): once, for the text before the first "#"
std::optional<Number> NumberIn(std::string_view text) {
  Number base = 10;
  const std::size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    const auto stated = NumberIn(text.substr(0, hash));
    base = stated.value_or(0);
    text.remove_prefix(hash + 1);
  } else if (text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  Number value = 0;
  for (const char c : text) {
    const auto digit = static_cast<Number>(DigitOf(c));
    if (digit >= base) {
      return std::nullopt;
    }
    value = value * base + digit;
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

class Expression {
 public:
  Expression(std::string_view text, ShellValues& values)
      : text_(text), values_(values) {}

  std::optional<Number> Value() {
    bool operand = true;  // what is due
    for (Blanks(); at_ < text_.size(); Blanks()) {
      if (!(operand ? Operand(operand) : Operator(operand))) {
        return std::nullopt;
      }
    }
    while (!operators_.empty()) {
      if (!Reduce()) {
        return std::nullopt;
      }
    }
    return operand || numbers_.size() != 1 ? std::nullopt
                                           : std::optional(numbers_[0]);
  }

 private:
  void Blanks() {
    at_ = std::min(text_.find_first_not_of(" \t\n", at_), text_.size());
  }

  bool Operand(bool& operand) {
    if (text_[at_] == '(') {
      operators_.push_back(text_.substr(at_++, 1));
      return true;
    }
    if (text_[at_] == '$') {
      ++at_;
    }
    const std::size_t end =
        std::min(text_.find_first_of(" \t\n()|^&<>+-*/%", at_), text_.size());
    std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    if (word.size() > 2 && word.front() == '{' && word.back() == '}') {
      word = word.substr(1, word.size() - 2);
    }
    auto number = NumberIn(word);
    if (!number) {
      const ShellText* value = values_.Find(word);
      number = value != nullptr && value->readings() == 1
                   ? NumberIn(value->Reading(0))
                   : std::nullopt;
    }
    if (!number) {
      return false;
    }
    numbers_.push_back(*number);
    operand = false;
    return true;
  }

  bool Operator(bool& operand) {
    if (text_[at_] == ')') {
      ++at_;
      while (!operators_.empty() && operators_.back() != "(") {
        if (!Reduce()) {
          return false;
        }
      }
      if (operators_.empty()) {
        return false;
      }
      operators_.pop_back();
      return true;
    }
    std::string_view op = text_.substr(at_, 2);
    op = PrecedenceOf(op) > 0 ? op : text_.substr(at_, 1);
    if (PrecedenceOf(op) == 0) {
      return false;
    }
    while (!operators_.empty() &&
           PrecedenceOf(operators_.back()) >= PrecedenceOf(op)) {
      if (!Reduce()) {
        return false;
      }
    }
    operators_.push_back(op);
    at_ += op.size();
    operand = true;
    return true;
  }

  bool Reduce() {
    const std::string_view op = operators_.back();
    operators_.pop_back();
    if (numbers_.size() < 2 || op == "(") {
      return false;
    }
    const Number right = numbers_.back();
    numbers_.pop_back();
    const auto value = Combine(op, numbers_.back(), right);
    if (value) {
      numbers_.back() = *value;
    }
    return value.has_value();
  }

  std::string_view text_;
  ShellValues& values_;
  std::size_t at_ = 0;
  std::vector<Number> numbers_;
  std::vector<std::string_view> operators_;
};

}  // namespace

std::optional<std::string> EvaluateArithmetic(std::string_view expression,
                                              ShellValues& values) {
  const auto value = Expression(expression, values).Value();
  return value ? std::optional(
                     fmt::format("{}", static_cast<std::int64_t>(*value)))
               : std::nullopt;
}

}  // namespace assay::facts
