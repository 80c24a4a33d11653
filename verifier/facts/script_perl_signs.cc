// Variables, brackets and operators of Perl, and what PHP has for them.

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/facts/script_perl_characters.h"
#include "verifier/facts/script_perl_reader.h"

namespace assay::facts {

using perl::Behind;
using perl::IsDigit;
using perl::IsLetter;
using perl::IsPart;
using perl::kMaxBrackets;

// "$x", "@x", "%x", "@$x", "$x[0]", "$1", "${x}", "@{ ... }".
void PerlReader::Variable() {
  const char sigil = Peek();
  at_ += sigil == '$' && Peek(1) == '#' && Peek(2) != '\0' ? 2U : 1U;
  while (Peek() == '$' && (IsLetter(Peek(1)) || Peek(1) == '{')) {
    ++at_;
  }
  if (IsDigit(Peek()) && sigil == '$') {
    while (IsDigit(Peek())) {
      ++at_;
    }
    const bool program = source_[at_ - 1] == '0' && at_ - from_ == 2;
    return Give(Kind::kValue, program ? "$argv0" : subject_);
  }
  if (Peek() == '{') {
    const std::string_view name = WordAt(at_ + 1);
    const std::size_t close = at_ + 1 + name.size();
    if (name.empty() || close >= source_.size() || source_[close] != '}') {
      if (brackets_.size() < kMaxBrackets) {
        brackets_.push_back({'}', ")", {}, false});
      }
      ++at_;
      return Give(Kind::kSign, "(");
    }
    at_ = close + 1;
    base_ = "$" + std::string(name);
  } else {
    const std::string_view name = WordAt(at_);
    at_ += name.size();
    if (name.empty()) {  // $!, $@, $/
      at_ = std::min(at_ + 1, source_.size());
      return Give(Kind::kValue, "$_special");
    }
    base_ = "$" + std::string(name);
  }
  std::replace(base_.begin(), base_.end(), ':', '_');
  Give(Kind::kValue, base_);
  variable_ = true;
  several_ = sigil != '$';
}

// "=~" and "!~" before a pattern.
bool PerlReader::Binds() {
  const std::size_t next = Behind(source_, at_ + 2);
  const std::string_view word = WordAt(next);
  const char mark = next < source_.size() ? source_[next] : '\0';
  return mark == '/' || word == "m" || word == "s" || word == "tr" ||
         word == "y" || word == "qr";
}

void PerlReader::Sign() {
  static constexpr std::array<std::string_view, 28> kSigns = {
      "<=>", "**=", "||=", "&&=", "//=", "...", "->", "=>", "==", "!=",
      "<=",  ">=",  "&&",  "||",  "//",  "++",  "--", "+=", "-=", "*=",
      "/=",  ".=",  "%=",  "|=",  "&=",  "..",  "<<", ">>"};
  const char c = Peek();
  const std::string_view two = source_.substr(at_, 2);
  if (two == "=~" || two == "!~") {
    const bool binds = Binds();
    at_ += 2;
    bind_ = !binds ? 0 : two == "=~" ? 1 : 2;
    subject_ = base_.empty() ? "$_" : base_;
    return binds ? void() : Give(Kind::kSign, ".");
  }
  if (c == '(' || c == '[' || c == '{') {
    return Open(c);
  }
  if (c == ')' || c == ']' || c == '}') {
    return Close(c);
  }
  if (c == '\\' || (c == '&' && IsLetter(Peek(1)) && Operand())) {
    ++at_;
    return;
  }
  if (c == '-' && IsLetter(Peek(1)) && !IsPart(Peek(2)) && Operand()) {
    at_ += 2;  // "-e $file"
    return;
  }
  std::size_t length = 1;
  for (const std::string_view sign : kSigns) {
    if (source_.substr(at_, sign.size()) == sign) {
      length = sign.size();
      break;
    }
  }
  const std::string_view sign = source_.substr(at_, length);
  at_ += length;
  if (sign == ";") {
    EndCalls();
  }
  const bool subscript =
      sign == "->" && (Peek() == '[' || Peek() == '{' || Peek() == '(');
  if (subscript) {
    variable_ = true;
    return;
  }
  Give(Kind::kSign, sign == "//"    ? "??"
                    : sign == "//=" ? "\?\?="
                    : sign == ".."  ? ","
                                    : sign);
}

bool PerlReader::IsKey() const {
  const std::size_t start = Behind(source_, at_);
  const std::string_view word = WordAt(start);
  const std::size_t end = Behind(source_, start + word.size());
  return !word.empty() && end < source_.size() && source_[end] == '}';
}

void PerlReader::Open(char bracket) {
  ++at_;
  const bool subscript = variable_ && bracket != '(';
  const bool object = bracket == '{' && !subscript && Operand() &&
                      (last_.text == "return" ||
                       (last_.kind == Kind::kSign && last_.text != ";" &&
                        last_.text != "{" && !last_.text.empty()));
  // "%h = (a => 1)" is an object as well.
  const bool several = bracket == '(' && several_ && last_.text == "=";
  const bool takes =
      bracket == '{' && last_.kind == Kind::kValue &&
      (last_.text == "map" || last_.text == "grep" || last_.text == "sort" ||
       last_.text == "first" || last_.text == "any");
  const bool list = subscript || object || bracket == '[' || takes || several;
  if (brackets_.size() < kMaxBrackets) {
    const char closer = bracket == '(' ? ')' : bracket == '[' ? ']' : '}';
    if (takes) {
      brackets_.push_back({0, ")", {}, false});
      Give(Kind::kSign, "(");
    }
    brackets_.push_back({closer,
                         takes            ? "],"
                         : list           ? "]"
                         : bracket == '(' ? ")"
                                          : "}",
                         {},
                         bracket == '{' && !list});
  }
  if (bracket == '{' && !list) {
    EndCalls();
  }
  Give(Kind::kSign, list ? "[" : std::string_view(&bracket, 1));
  if (subscript && bracket == '{' && IsKey()) {
    at_ = Behind(source_, at_);
    const std::string_view word = WordAt(at_);
    at_ += word.size();
    Give(Kind::kValue, "'" + std::string(word) + "'");
  }
}

void PerlReader::Close(char bracket) {
  ++at_;
  EndCalls();
  if (brackets_.empty() || brackets_.back().closer != bracket) {
    return Give(Kind::kSign, std::string_view(&bracket, 1));
  }
  const Bracket open = std::move(brackets_.back());
  brackets_.pop_back();
  if (!open.tail.empty()) {
    Give(Kind::kSign, open.tail);
  }
  Give(Kind::kSign, open.into);
  variable_ = !open.block && bracket != ')';
}

}  // namespace assay::facts
