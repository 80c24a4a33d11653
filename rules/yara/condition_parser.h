// The condition of a rule: words into a tree.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/yara/ast.h"
#include "rules/yara/lexer.h"

namespace assay::yara {

// What a condition may name. Borrowed.
struct Names {
  const std::map<std::string, std::uint32_t>& rules;  // earlier in the file
  const std::set<std::string>& modules;               // imported
};

class ConditionParser {
 public:
  ConditionParser(Lexer& lexer, const Names& names, Rule& rule);

  // Reads up to the "}" that ends the rule. Mistakes are the lexer's.
  [[nodiscard]] Expr Parse();

 private:
  // Deeper than this no condition may nest; chains of operators count.
  static constexpr std::uint32_t kMostDepth = 200;

  [[nodiscard]] Expr Or();
  [[nodiscard]] Expr And();
  [[nodiscard]] Expr Not();
  [[nodiscard]] Expr Compared(bool equality);
  [[nodiscard]] Expr TextTest(Expr left, std::string_view name);
  [[nodiscard]] Expr Operand();
  [[nodiscard]] Expr Calculated(int level);
  [[nodiscard]] Expr Unary();
  [[nodiscard]] Expr Primary();
  [[nodiscard]] Expr OfString();
  [[nodiscard]] Expr Occurs(Expr found);
  [[nodiscard]] Expr OfWord();
  [[nodiscard]] Expr Read(const std::string& format);
  [[nodiscard]] Expr Member(std::string path, Mark mark);
  [[nodiscard]] Expr Named(const std::string& name, Mark mark);
  [[nodiscard]] Expr Of(Expr quantity);
  [[nodiscard]] Expr For();
  void ForStrings(Expr& loop);
  void ForVariable(Expr& loop);
  [[nodiscard]] Expr ReadQuantity();
  [[nodiscard]] static std::optional<Expr::Quantity> QuantityNamed(
      std::string_view word);
  void ReadSet(Expr& of);
  void ReadSetItem(Expr& of);
  void AddString(const Token& token, Expr& of);
  void AddRules(const std::string& name, Mark mark, Expr& of);
  void ReadRange(Expr& into);
  [[nodiscard]] std::uint32_t StringNamed(const Token& token);

  [[nodiscard]] bool IsSign(std::string_view sign);
  [[nodiscard]] bool IsWord(std::string_view word);
  bool TakeSign(std::string_view sign);
  bool TakeWord(std::string_view word);
  void Expect(std::string_view sign);
  void Complain(Mark mark, std::string what) {
    lexer_.Complain(mark, std::move(what));
  }
  void Unsupported(std::string why);
  // Whether there is room for one more level; complains when not.
  bool Enter();

  Lexer& lexer_;
  const Names& names_;
  Rule& rule_;
  std::vector<std::string> variables_;
  std::vector<bool> used_;  // by string
  std::uint32_t depth_ = 0;
  std::uint32_t string_loops_ = 0;
  bool percent_ = false;  // "50 %" was read, and "of" follows
};

}  // namespace assay::yara
