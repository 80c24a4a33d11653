// From characters to tokens; strings are in script_strings.cc.

#include "verifier/facts/script_lexer.h"

#include <algorithm>
#include <array>
#include <span>

#include "verifier/base/text.h"

namespace assay::facts {
namespace {

using Kind = ScriptToken::Kind;

// Comments, and the operators of more than one character, longest first.
struct Lexical {
  std::string_view name;
  std::string_view line_comment;  // beside PHP's "#"
  std::string_view block_comment;
  std::string_view name_starts;  // beside letters, "_" and non-ASCII
  std::span<const std::string_view> operators;
};

// Python 3 reference, 2.5 and 2.6.
constexpr std::string_view kPythonOperators[] = {
    "...", "**=", "//=", ">>=", "<<=", ":=", "->", "==",
    "!=",  "<=",  ">=",  "+=",  "-=",  "*=", "/=", "%=",
    "&=",  "|=",  "^=",  "@=",  "**",  "//", "<<", ">>"};
// ECMA-262, 12.8.
constexpr std::string_view kJavascriptOperators[] = {
    ">>>=", "...",   "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=",
    "||=",  "\?\?=", "=>",  "?.",  "==",  "!=",  "<=",  ">=",  "&&",
    "||",   "\?\?",  "++",  "--",  "+=",  "-=",  "*=",  "/=",  "%=",
    "&=",   "|=",    "^=",  "**",  "<<",  ">>"};
// PHP manual, "Operators"; "#[" opens an attribute.
constexpr std::string_view kPhpOperators[] = {
    "===", "!==",  "<=>", "**=", "<<=", ">>=", "...", "\?\?=", "?->",
    "->",  "=>",   "::",  "==",  "!=",  "<>",  "<=",  ">=",    "&&",
    "||",  "\?\?", "++",  "--",  "+=",  "-=",  "*=",  "/=",    ".=",
    "%=",  "&=",   "|=",  "^=",  "**",  "<<",  ">>",  "#["};
// Lua 5.4 manual, 3.1.
constexpr std::string_view kLuaOperators[] = {
    "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"};

constexpr Lexical kLexicals[] = {
    {"python", "#", "", "", kPythonOperators},
    {"javascript", "//", "/*", "$#\\", kJavascriptOperators},
    {"php", "//", "/*", "$\\", kPhpOperators},
    {"lua", "--", "", "", kLuaOperators},
    {"perl", "#", "", "", {}},
};

const Lexical& LexicalOf(ScriptLanguage language) {
  return kLexicals[static_cast<std::size_t>(language)];
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsPlainLetter(char c) {
  return IsLetter(c) && static_cast<unsigned char>(c) < 0x80;
}

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// ECMA-262: names that are operators or begin a statement; what follows them
// is an expression, never a division.
constexpr std::string_view kBeforeExpression[] = {
    "return", "typeof", "instanceof", "in", "of",   "new",   "delete",
    "void",   "throw",  "case",       "do", "else", "yield", "await"};
constexpr std::string_view kControls[] = {"if", "while", "for", "with"};

}  // namespace

std::optional<ScriptLanguage> ScriptLanguageOf(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kLexicals); ++i) {
    if (kLexicals[i].name == name) {
      return static_cast<ScriptLanguage>(i);
    }
  }
  return std::nullopt;
}

std::string_view NameOf(ScriptLanguage language) {
  return LexicalOf(language).name;
}

ScriptLexer::ScriptLexer(ScriptLanguage language, std::string_view text,
                         TextPool& pool)
    : language_(language), text_(text), pool_(pool) {
  in_php_ = language != ScriptLanguage::kPhp;
  // "#!" of JavaScript; Lua skips a first line that begins with "#".
  if (Starts(language == ScriptLanguage::kLua ? "#" : "#!") && in_php_) {
    at_ = std::min(text_.find('\n'), text_.size());
  }
}

ScriptToken ScriptLexer::Next() {
  while (fetched_ == queue_.size()) {
    queue_.clear();
    fetched_ = 0;
    if (at_ >= text_.size()) {
      return {Kind::kEnd, {}, {text_.size(), 0}, LineAt(text_.size())};
    }
    Step();
  }
  return queue_[fetched_++];
}

bool ScriptLexer::IsNameStart(char c) const {
  return IsLetter(c) || (c != '\0' && LexicalOf(language_).name_starts.find(
                                          c) != std::string_view::npos);
}

bool ScriptLexer::IsNamePart(char c) const {
  return IsLetter(c) || IsDigit(c) ||
         (language_ == ScriptLanguage::kJavascript &&
          (c == '$' || c == '\\')) ||
         (language_ == ScriptLanguage::kPhp && c == '\\');
}

std::uint32_t ScriptLexer::LineAt(std::size_t offset) {
  for (; counted_ < offset; ++counted_) {
    line_ += text_[counted_] == '\n' ? 1U : 0U;
  }
  return line_;
}

void ScriptLexer::Give(Kind kind, std::string_view text, std::size_t start) {
  last_is_member_ = last_.Is(".") || last_.Is("?.");
  last_ = {kind, text, {start, at_ - start}, LineAt(start)};
  queue_.push_back(last_);
}

void ScriptLexer::Step() {
  if (!in_php_) {
    return SkipHtml();
  }
  if (SkipBlank() || SkipComment()) {
    return;
  }
  if (language_ == ScriptLanguage::kPhp && Starts("?>")) {
    at_ += 2;
    in_php_ = false;
    return Give(Kind::kOperator, ";", at_ - 2);
  }
  if (StringStarts()) {
    return;
  }
  const char c = Peek();
  if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
    return Number();
  }
  if (IsNameStart(c)) {
    return Name();
  }
  if (c == '/' && language_ == ScriptLanguage::kJavascript &&
      PatternMayFollow()) {
    return Pattern();
  }
  Operator();
}

// PHP manual, "PHP tags": "<?php", "<?=" and, if the server is set so, "<?".
void ScriptLexer::SkipHtml() {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t start = text_.find("<?", at_);
  at_ = std::min(start, text_.size());
  if (start == std::string_view::npos) {
    return;
  }
  const bool named = Lower(text_.substr(at_ + 2, 3)) == "php";
  const std::size_t length = named || Peek(2) == '=' ? (named ? 5 : 3) : 2;
  const char next = Peek(length);
  in_php_ = Peek(2) == '=' || at_ + length >= text_.size() ||
            kBlank.find(next) != std::string_view::npos;
  at_ = std::min(at_ + length, text_.size());
  Give(Kind::kOperator, ";", start);
}

bool ScriptLexer::SkipBlank() {
  const std::size_t start = at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '\n' && language_ == ScriptLanguage::kPython) {
      ++at_;
      Give(Kind::kLineEnd, text_.substr(at_ - 1, 1), at_ - 1);
    } else if (c == '\\' && language_ == ScriptLanguage::kPython &&
               (Peek(1) == '\n' || (Peek(1) == '\r' && Peek(2) == '\n'))) {
      at_ += Peek(1) == '\n' ? 2U : 3U;
    } else if (c == ' ' || (c >= '\t' && c <= '\r') || c == '\0') {
      ++at_;
    } else {
      break;
    }
  }
  return at_ > start;
}

bool ScriptLexer::SkipComment() {
  const Lexical& lexical = LexicalOf(language_);
  if (!lexical.block_comment.empty() && Starts(lexical.block_comment)) {
    const std::size_t end = text_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
    return true;
  }
  const bool hash =
      language_ == ScriptLanguage::kPhp && Peek() == '#' && Peek(1) != '[';
  if (!hash && !Starts(lexical.line_comment)) {
    return false;
  }
  Form form;
  if (language_ == ScriptLanguage::kLua && LongBracket(at_ + 2, form)) {
    return true;
  }
  SkipLineComment();
  return true;
}

void ScriptLexer::SkipLineComment() {
  const bool php = language_ == ScriptLanguage::kPhp;
  for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
    if (php && Starts("?>")) {
      return;  // leaves PHP even from a comment
    }
  }
}

// ECMA-262, 12.7: "\u0065val" is eval. PEP 3131: so are full-width letters.
std::string_view ScriptLexer::PlainName(std::string_view written) {
  const bool escaped = language_ == ScriptLanguage::kJavascript &&
                       written.find('\\') != std::string_view::npos;
  const bool wide = language_ == ScriptLanguage::kPython &&
                    written.find('\xEF') != std::string_view::npos;
  if (!escaped && !wide) {
    return written;
  }
  std::string plain;
  const std::size_t end = at_;
  for (at_ = end - written.size(); at_ < end;) {
    const auto second = static_cast<unsigned char>(Peek(1));
    const auto third = static_cast<unsigned char>(Peek(2));
    if (escaped && Peek() == '\\' && Peek(1) == 'u') {
      CodePoint(2, 4, plain);
    } else if (wide && Peek() == '\xEF' && (second == 0xBC || second == 0xBD) &&
               at_ + 2 < end) {
      const unsigned code = (second == 0xBD ? 0x60U : 0x20U) + third - 0x80U;
      plain += static_cast<char>(code);
      at_ += 3;
    } else {
      plain += text_[at_++];
    }
  }
  at_ = end;
  return pool_.Keep(plain);
}

void ScriptLexer::Name() {
  const std::size_t start = at_++;
  while (at_ < text_.size()) {
    if (IsNamePart(text_[at_])) {
      ++at_;
    } else if (text_[at_] == '{' && text_[at_ - 1] == 'u' && at_ - start > 1 &&
               text_[at_ - 2] == '\\' &&
               language_ == ScriptLanguage::kJavascript) {
      const std::size_t close = text_.substr(at_, 10).find('}');
      at_ += close == std::string_view::npos ? 1 : close + 1;
    } else {
      break;
    }
  }
  const std::string_view written = text_.substr(start, at_ - start);
  if (written == "$" && language_ == ScriptLanguage::kPhp) {
    return Give(Kind::kOperator, written, start);
  }
  Give(Kind::kName, PlainName(written), start);
}

void ScriptLexer::Number() {
  const std::size_t start = at_;
  bool fraction = false;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    const bool exponent = (c == '+' || c == '-') &&
                          (text_[at_ - 1] | 0x20) == 'e' && at_ > start &&
                          (text_[start] != '0' || text_[start + 1] != 'x');
    const bool point = c == '.' && Peek(1) != '.' && !fraction;
    if (!exponent && !point && !IsDigit(c) && !IsPlainLetter(c)) {
      break;
    }
    fraction = fraction || point;
    ++at_;
  }
  Give(Kind::kNumber, text_.substr(start, at_ - start), start);
}

void ScriptLexer::Operator() {
  const std::size_t start = at_;
  const char c = Peek();
  if (c == '}' && EndOfHole()) {
    return;
  }
  if (!brackets_.empty() && brackets_.back() == Bracket::kHole &&
      forms_.back().holes == Holes::kFormat &&
      (c == ':' || (c == '!' && Peek(1) != '='))) {
    return SkipFormatSpec();
  }
  const bool object = c == '{' && BeginsObject();
  std::size_t length = 1;
  for (const std::string_view op : LexicalOf(language_).operators) {
    const bool number = op == "?." && IsDigit(Peek(2));  // "a?.5:b"
    if (op[0] == c && Starts(op) && !number) {
      length = op.size();
      break;
    }
  }
  if (length == 1) {
    Opened(c);
    Closed(c);
  }
  at_ += length;
  Give(Kind::kOperator, text_.substr(start, length), start);
  queue_.back().object = object;
}

void ScriptLexer::Opened(char bracket) {
  const bool name = last_.kind == Kind::kName && !last_is_member_;
  if (bracket == '(') {
    brackets_.push_back(name && IsOneOf(last_.text, kControls)
                            ? Bracket::kControl
                            : Bracket::kRound);
  } else if (bracket == '[') {
    brackets_.push_back(Bracket::kSquare);
  } else if (bracket == '{') {
    brackets_.push_back(BeginsObject() ? Bracket::kObject : Bracket::kBlock);
  }
}

// Whether "{" at the place of an operand stands here.
bool ScriptLexer::BeginsObject() const {
  static constexpr std::string_view kBeforeBlock[] = {")", ";", "{", "}", "=>"};
  static constexpr std::string_view kDeclarators[] = {
      "const", "let", "var", "import", "export", "default"};
  if (last_.kind == Kind::kOperator) {
    const bool label = last_.text == ":" && !brackets_.empty() &&
                       brackets_.back() == Bracket::kBlock;
    return !label && !IsOneOf(last_.text, kBeforeBlock);
  }
  return last_.kind == Kind::kName && !last_is_member_ && last_.text != "do" &&
         last_.text != "else" &&
         (IsOneOf(last_.text, kBeforeExpression) ||
          IsOneOf(last_.text, kDeclarators));
}

// A closer without its opener changes nothing but what is open above it.
void ScriptLexer::Closed(char bracket) {
  const auto fits = [bracket](Bracket open) {
    switch (open) {
      case Bracket::kRound:
      case Bracket::kControl:
        return bracket == ')';
      case Bracket::kSquare:
        return bracket == ']';
      case Bracket::kBlock:
      case Bracket::kObject:
        return bracket == '}';
      case Bracket::kHole:
        break;
    }
    return false;
  };
  if (bracket == '}') {
    while (!brackets_.empty() && !fits(brackets_.back()) &&
           brackets_.back() != Bracket::kHole) {
      brackets_.pop_back();
    }
  }
  if (!brackets_.empty() && fits(brackets_.back())) {
    last_closed_ = brackets_.back();
    brackets_.pop_back();
  }
}

bool ScriptLexer::PatternMayFollow() const {
  static constexpr std::string_view kEnds[] = {"]", "++", "--"};
  switch (last_.kind) {
    case Kind::kEnd:
    case Kind::kLineEnd:
      return true;
    case Kind::kName:
      return !last_is_member_ && IsOneOf(last_.text, kBeforeExpression);
    case Kind::kOperator:
      if (last_.text == ")") {
        return last_closed_ == Bracket::kControl;
      }
      return last_.text == "}" ? last_closed_ == Bracket::kBlock
                               : !IsOneOf(last_.text, kEnds);
    case Kind::kString:
    case Kind::kNumber:
    case Kind::kPattern:
      break;
  }
  return false;
}

// ECMA-262, 12.9.5. One that does not close ends with its line.
void ScriptLexer::Pattern() {
  const std::size_t start = at_++;
  bool in_class = false;
  while (at_ < text_.size() && text_[at_] != '\n') {
    const char c = text_[at_];
    if (c == '/' && !in_class) {
      ++at_;
      break;
    }
    in_class = c == '[' || (in_class && c != ']');
    at_ =
        std::min(at_ + (c == '\\' && Peek(1) != '\n' ? 2U : 1U), text_.size());
  }
  while (at_ < text_.size() && IsPlainLetter(text_[at_])) {
    ++at_;
  }
  Give(Kind::kPattern, text_.substr(start, at_ - start), start);
}

}  // namespace assay::facts
