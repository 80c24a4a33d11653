#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sbom/licence_expression.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::size_t kMaxText = 65'536;
constexpr std::size_t kMaxTokens = 1'024;
// Terms that are looked at while the ways to meet an expression are worked
// out: some milliseconds, for a line that a document may hold a million times.
constexpr std::size_t kMaxWork = 131'072;

tl::unexpected<Error> Malformed(std::string_view what, std::string_view token) {
  return Fail(
      ErrorCode::kMalformed,
      fmt::format("licence expression: {} \"{}\"", what, Escaped(token)));
}

enum class Operator { kNone, kOr, kAnd, kWith, kOpen, kClose };

// Operators are all upper or all lower case.
Operator OperatorOf(std::string_view token) {
  constexpr std::array<std::pair<std::string_view, Operator>, 8> kOperators = {
      {{"OR", Operator::kOr},
       {"or", Operator::kOr},
       {"AND", Operator::kAnd},
       {"and", Operator::kAnd},
       {"WITH", Operator::kWith},
       {"with", Operator::kWith},
       {"(", Operator::kOpen},
       {")", Operator::kClose}}};
  for (const auto& [spelling, found] : kOperators) {
    if (spelling == token) {
      return found;
    }
  }
  return Operator::kNone;
}

// An id that a list could hold: what begins as a reference has to be one.
bool IsListable(std::string_view token) {
  for (const std::string_view prefix :
       {"LicenseRef-", "AdditionRef-", "DocumentRef-"}) {
    if (token.substr(0, prefix.size()) == prefix) {
      return false;
    }
  }
  return IsLicenceId(token);
}

bool IsSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::vector<std::string_view> TokensOf(std::string_view text) {
  std::vector<std::string_view> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = at++;
    if (IsSpace(text[begin])) {
      continue;
    }
    const bool parenthesis = text[begin] == '(' || text[begin] == ')';
    while (!parenthesis && at < text.size() && !IsSpace(text[at]) &&
           text[at] != '(' && text[at] != ')') {
      ++at;
    }
    tokens.push_back(text.substr(begin, at - begin));
  }
  return tokens;
}

using Alternatives = std::vector<std::vector<LicenceTerm>>;

void SortUnique(std::vector<LicenceTerm>& terms) {
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
}

// What is left to spend on one expression.
class Work {
 public:
  Result<void> Take(std::size_t terms) {
    if (terms > left_) {
      return Fail(ErrorCode::kLimit,
                  "licence expression: too many ways to meet it");
    }
    left_ -= terms;
    return {};
  }

 private:
  std::size_t left_ = kMaxWork;
};

std::size_t TermsOf(const Alternatives& all) {
  std::size_t count = 0;
  for (const auto& terms : all) {
    count += terms.size();
  }
  return count;
}

// Drops every set that holds another one.
Result<void> Reduce(Alternatives& all, Work& work) {
  if (auto ok = work.Take(TermsOf(all) * all.size() / 2); !ok) {
    return ok;
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.size(), a) < std::pair(b.size(), b);
  });
  Alternatives kept;
  for (auto& terms : all) {
    const bool holds_another =
        std::any_of(kept.begin(), kept.end(), [&](const auto& other) {
          return std::includes(terms.begin(), terms.end(), other.begin(),
                               other.end());
        });
    if (!holds_another) {
      kept.push_back(std::move(terms));
    }
  }
  std::sort(kept.begin(), kept.end());
  all = std::move(kept);
  return {};
}

// A part of the expression on the stack: its meaning, and its canonical text
// as operands of its outermost operator.
struct Part {
  Operator outermost = Operator::kNone;
  std::vector<std::string> operands = {};
  Alternatives alternatives = {};
};

std::string TextOf(const Part& part) {
  std::string text;
  for (const std::string& operand : part.operands) {
    if (!text.empty()) {
      text += part.outermost == Operator::kAnd ? " AND " : " OR ";
    }
    text += operand;
  }
  return text;
}

// The operands that `part` adds to an operator: its own when the operator is
// the same, else itself, in parentheses where it binds less.
std::vector<std::string> OperandsFor(Operator op, Part& part) {
  if (part.outermost == op || part.outermost == Operator::kNone) {
    return std::move(part.operands);
  }
  const bool weaker = op == Operator::kAnd;
  std::string text = TextOf(part);
  return {weaker ? "(" + text + ")" : std::move(text)};
}

Result<Alternatives> Product(const Alternatives& a, const Alternatives& b,
                             Work& work) {
  if (auto ok = work.Take(TermsOf(a) * b.size() + TermsOf(b) * a.size()); !ok) {
    return Fail(ok.error());
  }
  Alternatives all;
  for (const auto& left : a) {
    for (const auto& right : b) {
      std::vector<LicenceTerm> terms = left;
      terms.insert(terms.end(), right.begin(), right.end());
      SortUnique(terms);
      all.push_back(std::move(terms));
    }
  }
  if (auto ok = Reduce(all, work); !ok) {
    return Fail(ok.error());
  }
  return all;
}

Result<Part> Combined(Operator op, Part left, Part right, Work& work) {
  if (left.outermost == right.outermost && left.operands == right.operands) {
    return left;
  }
  Part part{.outermost = op};
  if (op == Operator::kAnd) {
    auto product = Product(left.alternatives, right.alternatives, work);
    if (!product) {
      return Fail(product.error());
    }
    part.alternatives = std::move(*product);
  } else {
    part.alternatives = std::move(left.alternatives);
    part.alternatives.insert(part.alternatives.end(),
                             right.alternatives.begin(),
                             right.alternatives.end());
  }
  part.operands = OperandsFor(op, left);
  const std::vector<std::string> more = OperandsFor(op, right);
  const auto middle = static_cast<std::ptrdiff_t>(part.operands.size());
  part.operands.insert(part.operands.end(), more.begin(), more.end());
  std::inplace_merge(part.operands.begin(), part.operands.begin() + middle,
                     part.operands.end());
  part.operands.erase(std::unique(part.operands.begin(), part.operands.end()),
                      part.operands.end());
  return part;
}

std::string TextOf(const LicenceTerm& term) {
  return fmt::format("{}{}{}{}", term.id, term.or_later ? "+" : "",
                     term.addition.empty() ? "" : " WITH ", term.addition);
}

// "+ binds tightest, then WITH, AND, OR": an operator-precedence parser with
// both of its stacks on the heap.
class Parser {
 public:
  Parser(const std::vector<std::string_view>& tokens, const LicenceList& list)
      : tokens_(tokens), list_(list) {}

  Result<LicenceExpression> Run() {
    while (at_ < tokens_.size()) {
      auto ok = wants_operand_ ? TakeOperand() : TakeOperator();
      if (!ok) {
        return Fail(ok.error());
      }
    }
    if (wants_operand_) {
      return Malformed("ends where a licence has to stand after",
                       tokens_.empty() ? "" : tokens_.back());
    }
    if (auto ok = ReduceTo(Operator::kOr); !ok) {
      return Fail(ok.error());
    }
    if (!operators_.empty()) {
      return Malformed("never closed:", "(");
    }
    LicenceExpression expression{
        .alternatives = std::move(parts_.back().alternatives),
        .terms = std::move(terms_),
        .text = TextOf(parts_.back())};
    if (auto ok = Reduce(expression.alternatives, work_); !ok) {
      return Fail(ok.error());
    }
    SortUnique(expression.terms);
    return expression;
  }

 private:
  Result<void> TakeOperand() {
    const std::string_view token = tokens_[at_++];
    const Operator op = OperatorOf(token);
    if (op == Operator::kOpen) {
      operators_.push_back(op);
      return {};
    }
    LicenceTerm term;
    if (op != Operator::kNone || !ReadLicence(token, term)) {
      return Malformed("no licence:", token);
    }
    if (at_ < tokens_.size() && OperatorOf(tokens_[at_]) == Operator::kWith) {
      ++at_;
      if (at_ == tokens_.size() || !ReadAddition(tokens_[at_], term)) {
        return Malformed("no exception after", tokens_[at_ - 1]);
      }
      ++at_;
    }
    terms_.push_back(term);
    parts_.push_back(
        {.operands = {TextOf(term)}, .alternatives = {{std::move(term)}}});
    wants_operand_ = false;
    return {};
  }

  Result<void> TakeOperator() {
    const std::string_view token = tokens_[at_++];
    const Operator op = OperatorOf(token);
    if (op == Operator::kClose) {
      if (auto ok = ReduceTo(Operator::kOr); !ok) {
        return ok;
      }
      if (operators_.empty()) {
        return Malformed("never opened:", token);
      }
      operators_.pop_back();
      return {};
    }
    if (op != Operator::kAnd && op != Operator::kOr) {
      return Malformed("no operator:", token);
    }
    if (auto ok = ReduceTo(op); !ok) {
      return ok;
    }
    operators_.push_back(op);
    wants_operand_ = true;
    return {};
  }

  // Applies the operators on the stack that bind at least as much as `op`.
  Result<void> ReduceTo(Operator op) {
    while (!operators_.empty() && operators_.back() != Operator::kOpen &&
           operators_.back() >= op) {
      Part right = std::move(parts_.back());
      parts_.pop_back();
      auto combined = Combined(operators_.back(), std::move(parts_.back()),
                               std::move(right), work_);
      if (!combined) {
        return Fail(combined.error());
      }
      parts_.back() = std::move(*combined);
      operators_.pop_back();
    }
    return {};
  }

  bool ReadLicence(std::string_view token, LicenceTerm& term) const {
    if (IsLicenceRef(token)) {
      term.id = token;
      return true;
    }
    if (token.size() > 1 && token.back() == '+') {
      term.or_later = true;
      token.remove_suffix(1);
    }
    if (!IsListable(token) || token == "NONE" || token == "NOASSERTION") {
      return false;
    }
    const std::string_view known = list_.Licence(token);
    term.id = known.empty() ? token : known;
    return true;
  }

  bool ReadAddition(std::string_view token, LicenceTerm& term) const {
    const std::string_view known = list_.Exception(token);
    term.addition = known.empty() ? token : known;
    return OperatorOf(token) == Operator::kNone &&
           (IsListable(token) || IsAdditionRef(token));
  }

  const std::vector<std::string_view>& tokens_;
  const LicenceList& list_;
  std::vector<LicenceTerm> terms_ = {};
  std::size_t at_ = 0;
  Work work_ = {};
  bool wants_operand_ = true;
  std::vector<Part> parts_ = {};
  std::vector<Operator> operators_ = {};
};

}  // namespace

Result<LicenceExpression> ParseLicenceExpression(std::string_view text,
                                                 const LicenceList& list) {
  if (text.size() > kMaxText) {
    return Fail(ErrorCode::kLimit, "licence expression: too long");
  }
  const std::vector<std::string_view> tokens = TokensOf(text);
  if (tokens.size() > kMaxTokens) {
    return Fail(ErrorCode::kLimit, "licence expression: too many terms");
  }
  return Parser(tokens, list).Run();
}

}  // namespace assay::sbom
