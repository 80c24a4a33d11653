#include "rules/yara/condition_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "rules/yara/modules.h"
#include "verifier/base/text.h"

namespace assay::yara {
namespace {

using Kind = Expr::Kind;
using Op = Expr::Op;

struct Sign {
  std::string_view text = {};
  Op op = Op::kEqual;
  int level = 0;  // of arithmetic: the higher, the earlier
};

constexpr std::array<Sign, 16> kSigns = {{
    {"==", Op::kEqual, -2},
    {"!=", Op::kUnequal, -2},
    {"<", Op::kLess, -1},
    {"<=", Op::kLessEqual, -1},
    {">", Op::kMore, -1},
    {">=", Op::kMoreEqual, -1},
    {"|", Op::kOr, 0},
    {"^", Op::kXor, 1},
    {"&", Op::kAnd, 2},
    {"<<", Op::kShiftLeft, 3},
    {">>", Op::kShiftRight, 3},
    {"+", Op::kAdd, 4},
    {"-", Op::kSubtract, 4},
    {"*", Op::kMultiply, 5},
    {"\\", Op::kDivide, 5},
    {"%", Op::kModulo, 5},
}};
constexpr int kHighest = 5;

const Sign* FindSign(const Token& token, int level) {
  if (token.kind != Token::Kind::kSign) {
    return nullptr;
  }
  const auto found =
      std::find_if(kSigns.begin(), kSigns.end(), [&](const Sign& sign) {
        return sign.text == token.text && sign.level == level;
      });
  return found == kSigns.end() ? nullptr : &*found;
}

bool IsTextTest(std::string_view word) {
  constexpr std::array<std::string_view, 7> kNames = {
      "contains", "icontains", "startswith", "istartswith",
      "endswith", "iendswith", "iequals"};
  return std::find(kNames.begin(), kNames.end(), word) != kNames.end();
}

bool IsRead(std::string_view word) {
  constexpr std::array<std::string_view, 12> kNames = {
      "int8",   "int16",   "int32",   "uint8",   "uint16",   "uint32",
      "int8be", "int16be", "int32be", "uint8be", "uint16be", "uint32be"};
  return std::find(kNames.begin(), kNames.end(), word) != kNames.end();
}

Expr Number(std::int64_t number) {
  return {.kind = Kind::kNumber, .number = number};
}

Expr Two(Kind kind, Op op, Mark mark, Expr left, Expr right) {
  Expr expr{.kind = kind, .op = op, .mark = mark};
  expr.of.push_back(std::move(left));
  expr.of.push_back(std::move(right));
  return expr;
}

std::string Shown(const Token& token) {
  return token.kind == Token::Kind::kEnd ? "the end of the file"
                                         : '"' + Escaped(token.text) + '"';
}

}  // namespace

ConditionParser::ConditionParser(Lexer& lexer, const Names& names, Rule& rule)
    : lexer_(lexer), names_(names), rule_(rule), used_(rule.strings.size()) {}

bool ConditionParser::IsSign(std::string_view sign) {
  const Token& token = lexer_.Peek();
  return token.kind == Token::Kind::kSign && token.text == sign;
}
bool ConditionParser::IsWord(std::string_view word) {
  const Token& token = lexer_.Peek();
  return token.kind == Token::Kind::kWord && token.text == word;
}
bool ConditionParser::TakeSign(std::string_view sign) {
  const bool there = IsSign(sign);
  if (there) {
    lexer_.Take();
  }
  return there;
}
bool ConditionParser::TakeWord(std::string_view word) {
  const bool there = IsWord(word);
  if (there) {
    lexer_.Take();
  }
  return there;
}
void ConditionParser::Expect(std::string_view sign) {
  if (!TakeSign(sign)) {
    const Token& token = lexer_.Peek();
    Complain(token.mark,
             fmt::format("\"{}\" is missing before {}", sign, Shown(token)));
  }
}
void ConditionParser::Unsupported(std::string why) {
  if (rule_.unsupported.empty()) {
    rule_.unsupported = std::move(why);
  }
}
bool ConditionParser::Enter() {
  if (++depth_ > kMostDepth) {
    Complain(lexer_.Peek().mark,
             "the condition nests too deeply: split the rule in two");
  }
  return !lexer_.failed();
}

Expr ConditionParser::Parse() {
  Expr condition = Or();
  Expect("}");
  for (std::size_t i = 0; i < used_.size() && !lexer_.failed(); ++i) {
    const String& string = rule_.strings[i];
    if (!used_[i] && string.name.substr(0, 2) != "$_") {
      Complain(string.mark, fmt::format("no condition uses {}: use it, remove "
                                        "it, or let its name begin with $_",
                                        string.name));
    }
  }
  return condition;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Or() {
  Expr either{.kind = Kind::kOr, .mark = lexer_.Peek().mark};
  do {
    either.of.push_back(And());
  } while (TakeWord("or"));
  return either.of.size() == 1 ? std::move(either.of.front()) : either;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::And() {
  Expr all{.kind = Kind::kAnd, .mark = lexer_.Peek().mark};
  do {
    all.of.push_back(Not());
  } while (TakeWord("and"));
  return all.of.size() == 1 ? std::move(all.of.front()) : all;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Not() {
  const Token token = lexer_.Peek();
  const bool defined = IsWord("defined");
  if (!defined && !IsWord("not")) {
    return Compared(true);
  }
  lexer_.Take();
  Expr expr{.kind = defined ? Kind::kDefined : Kind::kNot, .mark = token.mark};
  if (Enter()) {
    expr.of.push_back(Not());
  }
  --depth_;
  return expr;
}

// Of two levels: == and the tests on texts, then < and the like.
// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Compared(bool equality) {
  Expr left = equality ? Compared(false) : Operand();
  const std::uint32_t depth = depth_;
  for (;;) {
    const Token token = lexer_.Peek();
    const bool is_word = equality && token.kind == Token::Kind::kWord;
    const Sign* sign = FindSign(token, equality ? -2 : -1);
    if (is_word && (IsTextTest(token.text) || token.text == "matches")) {
      lexer_.Take();
      left = Enter() ? TextTest(std::move(left), token.text) : Expr{};
    } else if (sign != nullptr) {
      lexer_.Take();
      Expr right = !Enter() ? Expr{} : equality ? Compared(false) : Operand();
      left = Two(Kind::kCompare, sign->op, token.mark, std::move(left),
                 std::move(right));
    } else {
      depth_ = depth;
      return left;
    }
  }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::TextTest(Expr left, std::string_view name) {
  const Token token = lexer_.Peek();
  if (name != "matches") {
    Expr test = Two(Kind::kTextTest, Op::kEqual, token.mark, std::move(left),
                    Compared(false));
    test.text = name;
    return test;
  }
  if (token.kind != Token::Kind::kRegex) {
    Complain(token.mark, "matches is followed by a /regular expression/");
    return {};
  }
  lexer_.Take();
  Expr test{.kind = Kind::kMatches, .mark = token.mark};
  test.of.push_back(std::move(left));
  auto regex =
      ParseRegex(token.text, token.flags.find('i') != std::string::npos,
                 token.flags.find('s') != std::string::npos);
  if (!regex) {
    Complain(token.mark, regex.error().what);
    return {};
  }
  auto automaton = Automaton::Of({&regex->root, 1}, false);
  if (!automaton) {
    Unsupported(automaton.error().what);
    return {};
  }
  test.automaton = std::make_shared<const Automaton>(std::move(*automaton));
  return test;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Operand() {
  Expr left = Calculated(0);
  if (IsWord("of")) {
    return Of(std::move(left));
  }
  if (percent_) {
    Complain(lexer_.Peek().mark, "\"of\" is missing after the percentage");
  }
  return left;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Calculated(int level) {
  if (level > kHighest) {
    return Unary();
  }
  Expr left = Calculated(level + 1);
  const std::uint32_t depth = depth_;
  while (const Sign* sign = FindSign(lexer_.Peek(), level)) {
    const Token token = lexer_.Take();
    if (sign->op == Op::kModulo && IsWord("of")) {
      percent_ = true;
      break;
    }
    Expr right = Enter() ? Calculated(level + 1) : Expr{};
    left = Two(Kind::kCalculate, sign->op, token.mark, std::move(left),
               std::move(right));
  }
  depth_ = depth;
  return left;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Unary() {
  const bool minus = IsSign("-");
  if (!minus && !IsSign("~")) {
    return Primary();
  }
  Expr expr{.kind = minus ? Kind::kMinus : Kind::kBitNot,
            .mark = lexer_.Take().mark};
  if (Enter()) {
    expr.of.push_back(Unary());
  }
  --depth_;
  return expr;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Primary() {
  const Token token = lexer_.Peek();
  switch (token.kind) {
    case Token::Kind::kNumber:
      lexer_.Take();
      return Number(token.number);
    case Token::Kind::kReal:
      lexer_.Take();
      return {.kind = Kind::kReal, .real = token.real};
    case Token::Kind::kText:
      lexer_.Take();
      return {.kind = Kind::kText, .text = token.text};
    case Token::Kind::kString:
      return OfString();
    case Token::Kind::kWord:
      return OfWord();
    default:
      break;
  }
  if (!TakeSign("(")) {
    Complain(token.mark,
             fmt::format("a condition cannot go on with {}", Shown(token)));
    return {};
  }
  Expr inside = Enter() ? Or() : Expr{};
  --depth_;
  Expect(")");
  return inside;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::OfWord() {
  const Token token = lexer_.Take();
  const std::string& word = token.text;
  if (word == "true" || word == "false") {
    return Number(word == "true" ? 1 : 0);
  }
  if (word == "filesize") {
    return {.kind = Kind::kFileSize, .mark = token.mark};
  }
  if (word == "entrypoint") {
    Unsupported("uses entrypoint, which YARA itself gave up");
    return Number(0);
  }
  if (const auto quantity = QuantityNamed(word)) {
    if (!IsWord("of")) {
      Complain(lexer_.Peek().mark,
               fmt::format("\"of\" is missing after \"{}\"", word));
    }
    return {.kind = Kind::kOf, .quantity = *quantity, .mark = token.mark};
  }
  if (word == "for") {
    return For();
  }
  if (IsRead(word)) {
    return Read(word);
  }
  return Named(word, token.mark);
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Read(const std::string& format) {
  Expr read{.kind = Kind::kRead, .mark = lexer_.Peek().mark, .text = format};
  Expect("(");
  read.of.push_back(Enter() ? Calculated(0) : Expr{});
  --depth_;
  Expect(")");
  return read;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Named(const std::string& name, Mark mark) {
  const auto variable = std::find(variables_.rbegin(), variables_.rend(), name);
  if (variable != variables_.rend()) {
    if (IsSign(".") || IsSign("[")) {
      Unsupported("loops over the parts of a module");
      return Member(name, mark);
    }
    return {.kind = Kind::kVariable,
            .mark = mark,
            .index = static_cast<std::uint32_t>(
                std::distance(variable, variables_.rend()) - 1)};
  }
  if (const auto rule = names_.rules.find(name); rule != names_.rules.end()) {
    return {.kind = Kind::kRule, .mark = mark, .index = rule->second};
  }
  if (names_.modules.count(name) != 0) {
    return Member(name, mark);
  }
  Unsupported(
      fmt::format("uses \"{}\", which is no rule before it in this "
                  "file, and external variables have no value here",
                  name));
  return Member(name, mark);
}

// The rest of `module.field[index].function(arguments)`.
// NOLINTNEXTLINE(misc-no-recursion): bounded by kMostDepth.
Expr ConditionParser::Member(std::string path, Mark mark) {
  Expr call{.kind = Kind::kCall, .mark = mark};
  bool indexed = false;
  bool called = false;
  while (!called && !lexer_.failed()) {
    if (TakeSign(".")) {
      path += "." + lexer_.Take().text;
    } else if (TakeSign("[")) {
      indexed = true;
      static_cast<void>(Enter() ? Or() : Expr{});
      --depth_;
      Expect("]");
      path += "[]";
    } else if (TakeSign("(")) {
      called = true;
      while (Enter() && !IsSign(")")) {
        const Token token = lexer_.Peek();
        if (token.kind == Token::Kind::kRegex) {
          lexer_.Take();
          call.of.push_back({.kind = Kind::kText, .mark = token.mark});
          indexed = true;
        } else {
          call.of.push_back(Or());
        }
        --depth_;
        if (!TakeSign(",")) {
          ++depth_;
          break;
        }
      }
      --depth_;
      Expect(")");
      path += "()";
    } else {
      break;
    }
  }
  const bool known = !indexed && FindCall(path, call.of.size()) != nullptr;
  if (!known) {
    Unsupported(fmt::format("uses {}", Escaped(path)));
  }
  call.text = std::move(path);
  return call;
}

}  // namespace assay::yara
