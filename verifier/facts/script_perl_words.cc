// Words of Perl, and what PHP has for them.

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/facts/script_perl_characters.h"
#include "verifier/facts/script_perl_reader.h"

namespace assay::facts {

namespace {

using perl::Behind;
using perl::IsBlank;
using perl::IsLetter;
using perl::IsPart;
using perl::kMaxBrackets;
using perl::OneOf;

using Pair = std::pair<std::string_view, std::string_view>;
constexpr std::array<Pair, 12> kOperators = {{{"eq", "=="},
                                              {"ne", "!="},
                                              {"lt", "<"},
                                              {"gt", ">"},
                                              {"le", "<="},
                                              {"ge", ">="},
                                              {"cmp", "<=>"},
                                              {"and", "&&"},
                                              {"or", "or"},
                                              {"xor", "xor"},
                                              {"not", "!"},
                                              {"x", "*"}}};
// Whose result tells what their argument does: left out.
constexpr std::array<std::string_view, 14> kUnary = {
    "lc",      "uc",  "lcfirst", "ucfirst", "chomp",  "chop",  "scalar",
    "defined", "ref", "length",  "exists",  "delete", "local", "wantarray"};
constexpr std::array<std::string_view, 10> kLanguage = {
    "return", "print", "if",   "elsif", "else",
    "while",  "last",  "next", "do",    "continue"};

}  // namespace

void PerlReader::Word() {
  const std::string_view word = WordAt(at_);
  at_ += std::max<std::size_t>(word.size(), 1);
  const std::size_t next = Behind(source_, at_);
  const bool member = last_.kind == Kind::kSign && last_.text == "->";
  const bool key = source_.substr(next, 2) == "=>";
  if (key) {
    return Give(Kind::kValue, "'" + std::string(word) + "'");
  }
  if (member) {
    Give(Kind::kValue, word);
    if (Peek() != '(') {
      Give(Kind::kSign, "(");
      Give(Kind::kSign, ")");
    }
    variable_ = true;
    return;
  }
  if (Quoting(word) || Declaring(word) || Controlling(word) ||
      Operating(word)) {
    return;
  }
  Give(OneOf(word, kLanguage) ? Kind::kWord : Kind::kValue, word);
  if (last_.kind == Kind::kValue) {
    CallWithoutBrackets();
  }
}

// q(), qq{}, qx//, qw[], m//, s///, tr///, y///, qr//.
bool PerlReader::Quoting(std::string_view word) {
  static constexpr std::array<std::string_view, 9> kQuotes = {
      "q", "qq", "qx", "qw", "m", "s", "tr", "y", "qr"};
  if (!OneOf(word, kQuotes) || !(Operand() || bind_ != 0)) {
    return false;
  }
  const std::size_t next =
      word.size() > 1 || IsBlank(Peek()) ? Behind(source_, at_) : at_;
  const char mark = next < source_.size() ? source_[next] : '\0';
  if (mark == '\0' || mark == ',' || mark == ';' || mark == ')' ||
      mark == '=' || IsPart(mark) || IsBlank(mark) ||
      (mark == '#' && next > at_)) {
    return false;
  }
  at_ = next;
  const std::string text = Delimited();
  if (word == "q") {
    Constant(text, true);
  } else if (word == "qq") {
    Text(text);
  } else if (word == "qx") {
    Give(Kind::kValue, "shell_exec");
    mark == '\'' ? Constant(text, true) : Text(text);
  } else if (word == "qw") {
    Give(Kind::kSign, "[");
    for (std::size_t at = Behind(text, 0); at < text.size();
         at = Behind(text, at)) {
      std::size_t end = at;
      while (end < text.size() && !IsBlank(text[end])) {
        ++end;
      }
      Constant(std::string_view(text).substr(at, end - at), true);
      Give(Kind::kSign, ",");
      at = end;
    }
    Give(Kind::kSign, "]");
  } else if (word == "m" || word == "qr") {
    Matched(text);
  } else {
    if (mark == '(' || mark == '[' || mark == '{' || mark == '<') {
      at_ = Behind(source_, at_);
      static_cast<void>(Delimited());
    } else {
      static_cast<void>(Delimited(true));
    }
    Matched({});
  }
  return true;
}

void PerlReader::SkipStatement() {
  const std::size_t end = std::min(source_.find(';', at_), source_.size());
  for (; at_ < end; ++at_) {
    pending_ += source_[at_] == '\n' ? 1U : 0U;
  }
}

bool PerlReader::Declaring(std::string_view word) {
  if (word == "my" || word == "our" || word == "local" || word == "state") {
    const std::size_t next = Behind(source_, at_);
    if (next < source_.size() && source_[next] == '(') {
      Give(Kind::kValue, "list");
    }
    return true;
  }
  if (word == "sub") {
    Sub();
    return true;
  }
  if (word == "use" || word == "no" || word == "package") {
    SkipStatement();
    return true;
  }
  if (OneOf(word, kUnary)) {
    return true;
  }
  if (word == "BEGIN" || word == "END" || word == "eval" || word == "do") {
    const std::size_t next = Behind(source_, at_);
    const bool block = next < source_.size() && source_[next] == '{';
    if (block) {
      at_ = next;
      if (brackets_.size() < kMaxBrackets) {
        brackets_.push_back({'}', "}", {}, true});
      }
      ++at_;
      Give(Kind::kSign, "{");
    }
    return block;
  }
  return false;
}

// Where the next such sign stands, or what may lie before it ends.
std::size_t PerlReader::EndIn(std::size_t at, char sign) const {
  constexpr std::size_t kLongest = 512;
  const std::string_view part =
      source_.substr(std::min(at, source_.size()), kLongest);
  return at + std::min(part.find(sign), part.size());
}

// "sub f { my ($a, $b) = @_;" is "function f($a, $b) {".
void PerlReader::Sub() {
  std::size_t at = Behind(source_, at_);
  const std::string_view name = WordAt(at);
  at = Behind(source_, at + name.size());
  std::string parameters;
  const auto add = [&](std::string_view one) {
    if (one != "$self" && one != "$class" && one != "$this") {
      parameters.append(parameters.empty() ? "" : ", ").append(one);
    }
  };
  if (at < source_.size() && source_[at] == '(') {  // a signature or prototype
    const std::size_t close = EndIn(at, ')');
    for (std::size_t i = at; i < close; ++i) {
      if (source_[i] == '$' && i + 1 < close && IsLetter(source_[i + 1])) {
        add("$" + std::string(WordAt(i + 1)));
      }
    }
    at = Behind(source_, std::min(close + 1, source_.size()));
  }
  if (at >= source_.size() || source_[at] != '{') {
    return;
  }
  std::size_t body = at + 1;
  for (unsigned i = 0; i < 16; ++i) {
    const std::size_t my = Behind(source_, body);
    const std::size_t end = EndIn(my, ';');
    const std::string_view one = source_.substr(my, end - my);
    const bool takes = one.starts_with("my") &&
                       (one.find("= @_") != std::string_view::npos ||
                        one.find("= shift") != std::string_view::npos) &&
                       one.find('{') == std::string_view::npos;
    if (!takes) {
      break;
    }
    const std::string_view names = one.substr(0, one.find('='));
    for (std::size_t k = 0; k + 1 < names.size(); ++k) {
      if ((names[k] == '$' || names[k] == '@' || names[k] == '%') &&
          IsLetter(names[k + 1])) {
        add("$" + std::string(WordAt(my + k + 1)));
      }
    }
    body = std::min(end + 1, source_.size());
  }
  Give(Kind::kValue, "function");
  Give(Kind::kValue, std::string(name) + "(" + parameters + ")");
  for (; at_ < body; ++at_) {
    pending_ += source_[at_] == '\n' ? 1U : 0U;
  }
  if (brackets_.size() < kMaxBrackets) {
    brackets_.push_back({'}', "}", {}, true});
  }
  Give(Kind::kSign, "{");
}

// "unless (x)" is "if (!(x))", "foreach my $x (y)" is "foreach (y as $x)".
bool PerlReader::Controlling(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kWords = {
      "if", "elsif", "unless", "while", "until", "for", "foreach"};
  if (!OneOf(word, kWords)) {
    return false;
  }
  EndCalls();
  std::size_t at = Behind(source_, at_);
  const bool loops = word == "for" || word == "foreach";
  std::string name;
  if (loops && WordAt(at) == "my") {
    at = Behind(source_, at + 2);
  }
  if (loops && at + 1 < source_.size() && source_[at] == '$') {
    name = "$" + std::string(WordAt(at + 1));
    at = Behind(source_, at + name.size());
  }
  const bool begins =
      last_.kind == Kind::kSign && (last_.text == ";" || last_.text == "{" ||
                                    last_.text == "}" || last_.text.empty());
  if (!begins || at >= source_.size() || source_[at] != '(' ||
      brackets_.size() >= kMaxBrackets) {
    Give(Kind::kWord, word);
    return true;
  }
  const bool counted = loops && name.empty() &&
                       source_.substr(at, EndIn(at, '{') - at).find(';') !=
                           std::string_view::npos;
  const bool negated = word == "unless" || word == "until";
  for (; at_ <= at && at_ < source_.size(); ++at_) {
    pending_ += source_[at_] == '\n' ? 1U : 0U;
  }
  Give(Kind::kWord, word == "elsif"     ? "elseif"
                    : word == "unless"  ? "if"
                    : word == "until"   ? "while"
                    : loops && !counted ? "foreach"
                                        : word);
  Give(Kind::kSign, "(");
  if (negated) {
    Give(Kind::kSign, "!(");
  }
  brackets_.push_back({')', ")",
                       negated ? ")"
                       : loops && !counted
                           ? " as " + (name.empty() ? "$_" : name)
                           : "",
                       false});
  return true;
}

bool PerlReader::Operating(std::string_view word) {
  if (Operand() && word != "not") {
    return false;
  }
  const auto* found =
      std::find_if(kOperators.begin(), kOperators.end(),
                   [&](const Pair& one) { return one.first == word; });
  if (found == kOperators.end()) {
    return false;
  }
  if (word == "and" || word == "or") {
    EndCalls();
  }
  Give(Kind::kSign, found->second);
  return true;
}

// "system $x, $y;" is "system($x, $y);".
void PerlReader::CallWithoutBrackets() {
  const std::size_t next = Behind(source_, at_);
  if (next >= source_.size() || next == at_) {
    variable_ = false;
    return;
  }
  const char c = source_[next];
  const bool begins =
      c == '$' || c == '@' || c == '"' || c == '\'' || c == '\\' || c == '`' ||
      (c == '%' && next + 1 < source_.size() && IsLetter(source_[next + 1]));
  static constexpr std::array<std::string_view, 15> kNot = {
      "if", "unless", "eq", "ne", "and", "or",      "x",    "cmp",
      "lt", "gt",     "le", "ge", "for", "foreach", "while"};
  const bool word = IsLetter(c) && !OneOf(WordAt(next), kNot);
  if ((begins || word) && brackets_.size() < kMaxBrackets) {
    brackets_.push_back({0, ")", {}, false});
    Give(Kind::kSign, "(");
  }
}

// What ends a statement ends the calls without brackets in it.
void PerlReader::EndCalls() {
  while (!brackets_.empty() && brackets_.back().closer == 0) {
    brackets_.pop_back();
    Give(Kind::kSign, ")");
  }
}

}  // namespace assay::facts
