// Strings: their forms, and the code inside them.

#include <algorithm>
#include <string>

#include "verifier/facts/script_lexer.h"

namespace assay::facts {
namespace {

using Kind = ScriptToken::Kind;

// Deeper ones are read as text.
constexpr std::size_t kMaxHoles = 256;

}  // namespace

bool ScriptLexer::StringStarts() {
  const char c = Peek();
  switch (language_) {
    case ScriptLanguage::kPython:
      return PythonString();
    case ScriptLanguage::kJavascript:
      if (c == '`') {
        Open({.closer = "`", .holes = Holes::kTemplate, .lines = true}, 1);
        return true;
      }
      break;
    case ScriptLanguage::kPhp:
      return Heredoc() || PhpString();
    case ScriptLanguage::kLua:
      if (LuaString()) {
        return true;
      }
      break;
    case ScriptLanguage::kPerl:
      break;
  }
  if (c == '\'' || c == '"') {
    Open({.closer = text_.substr(at_, 1)}, 1);
    return true;
  }
  return false;
}

// PHP manual, "Strings" and "Execution operators".
bool ScriptLexer::PhpString() {
  const char c = Peek();
  if (c != '\'' && c != '"' && c != '`') {
    return false;
  }
  if (c == '`') {
    Give(Kind::kName, "shell_exec", at_);
  }
  Open({.closer = text_.substr(at_, 1),
        .escapes = c == '\'' ? Escapes::kQuotes : Escapes::kFull,
        .holes = c == '\'' ? Holes::kNone : Holes::kPhp,
        .lines = true},
       1);
  return true;
}

// A long bracket; its first line's end is not part of it.
bool ScriptLexer::LuaString() {
  Form form;
  const std::size_t start = at_;
  if (!LongBracket(at_, form)) {
    return false;
  }
  std::string_view text = text_.substr(start, at_ - start);
  const std::size_t edge = text.find('[', 1) + 1;
  text.remove_prefix(edge);
  text.remove_suffix(std::min(form.closer.empty() ? 0 : edge, text.size()));
  text.remove_prefix(text.substr(0, 1) == "\n" ? 1 : 0);
  Give(Kind::kString, text, start);
  return true;
}

// Python 3 reference, 2.4.1 and 2.4.3.
bool ScriptLexer::PythonString() {
  std::size_t prefix = 0;
  bool raw = false;
  bool format = false;
  for (; prefix < 3; ++prefix) {
    const char c = static_cast<char>(Peek(prefix) | 0x20);
    if (c != 'r' && c != 'b' && c != 'u' && c != 'f' && c != 't') {
      break;
    }
    raw = raw || c == 'r';
    format = format || c == 'f' || c == 't';
  }
  const char quote = Peek(prefix);
  if (prefix == 3 || (quote != '"' && quote != '\'')) {
    return false;
  }
  const bool triple = Peek(prefix + 1) == quote && Peek(prefix + 2) == quote;
  Open({.closer = text_.substr(at_ + prefix, triple ? 3 : 1),
        .escapes = raw ? Escapes::kNone : Escapes::kFull,
        .holes = format ? Holes::kFormat : Holes::kNone,
        .lines = triple},
       prefix + (triple ? 3 : 1));
  return true;
}

// Lua manual, 3.1: moves behind "[==[ ... ]==]" when it stands at `from`. The
// form gets a closer when there is one.
bool ScriptLexer::LongBracket(std::size_t from, Form& form) {
  if (from >= text_.size() || text_[from] != '[') {
    return false;
  }
  const std::size_t second = text_.find_first_not_of('=', from + 1);
  if (second == std::string_view::npos || text_[second] != '[') {
    return false;
  }
  std::string closer(text_.substr(from, second - from + 1));
  closer.front() = ']';
  closer.back() = ']';
  const std::size_t end = text_.find(closer, second + 1);
  const bool closed = end != std::string_view::npos;
  form.closer = closed ? text_.substr(end, closer.size()) : "";
  at_ = closed ? end + closer.size() : text_.size();
  return true;
}

// PHP manual, "Heredoc" and "Nowdoc".
bool ScriptLexer::Heredoc() {
  if (!Starts("<<<")) {
    return false;
  }
  const std::size_t quote =
      std::min(text_.find_first_not_of(" \t", at_ + 3), text_.size());
  const bool quoted =
      quote < text_.size() && (text_[quote] == '"' || text_[quote] == '\'');
  const std::size_t label = quote + (quoted ? 1 : 0);
  std::size_t end = label;
  while (end < text_.size() && IsNamePart(text_[end]) && text_[end] != '\\') {
    ++end;
  }
  const std::size_t line = text_.find('\n', end);
  if (end == label || line == std::string_view::npos || line - end > 4) {
    return false;
  }
  const bool nowdoc = quoted && text_[quote] == '\'';
  const Form form = {.closer = text_.substr(label, end - label),
                     .escapes = nowdoc ? Escapes::kNone : Escapes::kFull,
                     .holes = nowdoc ? Holes::kNone : Holes::kPhp,
                     .lines = true,
                     .heredoc = true};
  // The opener's line end may be the closer's as well: the text is empty.
  Open(form, line - at_ + (ClosesAt(form, line) ? 0 : 1));
  return true;
}

void ScriptLexer::Open(Form form, std::size_t opener) {
  const std::size_t start = at_;
  at_ += opener;
  if (form.holes == Holes::kTemplate || form.closer == "`") {
    Wrap(form, start);
  }
  Body(form);
}

void ScriptLexer::Wrap(Form& form, std::size_t start) {
  if (!form.wrapped) {
    Give(Kind::kOperator, "(", start);
    form.wrapped = true;
  }
}

// Where what closes the form at `at` ends, if it stands there. The end of the
// line closes what may not span lines, and is not part of it.
std::optional<std::size_t> ScriptLexer::ClosesAt(const Form& form,
                                                 std::size_t at) const {
  if (!form.heredoc) {
    if (text_.substr(at, form.closer.size()) == form.closer) {
      return at + form.closer.size();
    }
    const bool line = text_[at] == '\n' && !form.lines;
    return line ? std::optional(at) : std::nullopt;
  }
  if (text_[at] != '\n') {
    return std::nullopt;
  }
  const std::size_t label = text_.find_first_not_of(" \t", at + 1);
  if (label == std::string_view::npos ||
      text_.substr(label, form.closer.size()) != form.closer) {
    return std::nullopt;
  }
  const std::size_t end = label + form.closer.size();
  if (end < text_.size() && IsNamePart(text_[end])) {
    return std::nullopt;
  }
  return end;
}

// How long the mark at `at` is that begins code; 0: none begins there.
std::size_t ScriptLexer::HoleAt(const Form& form, std::size_t at) const {
  const char c = text_[at];
  const char next = at + 1 < text_.size() ? text_[at + 1] : '\0';
  switch (form.holes) {
    case Holes::kNone:
      break;
    case Holes::kTemplate:
      return c == '$' && next == '{' ? 2 : 0;
    case Holes::kFormat:
      return c == '{' && next != '{' ? 1 : 0;
    case Holes::kPhp:
      if (c == '$' && next == '{') {
        return 2;
      }
      return (c == '{' && next == '$') || (c == '$' && IsNameStart(next) &&
                                           next != '$' && next != '\\')
                 ? 1
                 : 0;
  }
  return 0;
}

// The text up to the form's end, or to a hole whose end goes on with it.
void ScriptLexer::Body(Form form) {
  while (Piece(form)) {
  }
}

// One stretch of text. True when a variable followed and more text does.
bool ScriptLexer::Piece(Form& form) {
  const std::size_t start = at_;
  std::size_t run = at_;  // what is not yet in `value`
  std::string value;
  std::optional<std::size_t> end;
  std::size_t hole = 0;
  while (at_ < text_.size()) {
    end = ClosesAt(form, at_);
    hole = end || forms_.size() >= kMaxHoles ? 0 : HoleAt(form, at_);
    if (end || hole > 0) {
      break;
    }
    if (text_[at_] == '\\' && form.escapes != Escapes::kNone) {
      value += text_.substr(run, at_ - run);
      Escape(form, value);
      run = at_;
    } else {
      at_ = std::min(at_ + PlainAt(form), text_.size());
    }
  }
  if (hole > 0) {
    Wrap(form, start);
  }
  const std::string_view rest = text_.substr(run, at_ - run);
  Give(Kind::kString, run == start ? rest : pool_.Keep(value += rest), start);
  if (hole > 0) {
    return OpenHole(form, hole);
  }
  at_ = end.value_or(at_);
  if (form.wrapped) {
    last_closed_ = Bracket::kRound;
    Give(Kind::kOperator, ")", at_);
  }
  return false;
}

// How many characters belong together: a brace that is doubled, and in a raw
// string of Python a quote and the backslash that keeps it from ending it.
std::size_t ScriptLexer::PlainAt(const Form& form) const {
  const char c = text_[at_];
  const bool raw = c == '\\' && language_ == ScriptLanguage::kPython;
  return raw || (c == '{' && form.holes == Holes::kFormat) ? 2 : 1;
}

// True when what opened was a variable, and is over.
bool ScriptLexer::OpenHole(const Form& form, std::size_t length) {
  const std::string_view plus = language_ == ScriptLanguage::kPhp ? "." : "+";
  Give(Kind::kOperator, plus, at_);
  if (form.holes == Holes::kPhp && text_[at_] == '$' && length == 1) {
    PhpVariable();
    Give(Kind::kOperator, plus, at_);
    return true;
  }
  Give(Kind::kOperator, "(", at_);
  const bool name = form.holes == Holes::kPhp && length == 2;
  at_ += length;
  brackets_.push_back(Bracket::kHole);
  forms_.push_back(form);
  if (name && IsNameStart(Peek())) {  // "${name}"
    const std::size_t start = at_;
    while (IsNamePart(Peek())) {
      ++at_;
    }
    Give(Kind::kName,
         pool_.Keep("$" + std::string(text_.substr(start, at_ - start))),
         start);
  }
  return false;
}

// PHP manual, "Simple interpolation": $a, $a[0], $a[key], $a[$b], $a->b.
void ScriptLexer::PhpVariable() {
  const auto name = [&] {
    const std::size_t start = at_++;
    while (IsNamePart(Peek()) && Peek() != '\\') {
      ++at_;
    }
    return start;
  };
  const std::size_t start = name();
  Give(Kind::kName, text_.substr(start, at_ - start), start);
  if (Peek() == '[') {
    const std::size_t close = text_.substr(at_, 128).find(']');
    if (close == std::string_view::npos) {
      return;
    }
    const std::string_view key = text_.substr(at_ + 1, close - 1);
    const std::size_t open = at_;
    at_ += close + 1;
    Give(Kind::kOperator, "[", open);
    Give(key.substr(0, 1) == "$" ? Kind::kName : Kind::kString, key, open);
    Give(Kind::kOperator, "]", open);
  } else if (Peek() == '-' && Peek(1) == '>' && IsNameStart(Peek(2))) {
    at_ += 2;
    Give(Kind::kOperator, "->", at_ - 2);
    const std::size_t member = name();
    Give(Kind::kName, text_.substr(member, at_ - member), member);
  }
}

// "}" that ends the code inside a string: the string goes on.
bool ScriptLexer::EndOfHole() {
  while (!brackets_.empty() && (brackets_.back() == Bracket::kRound ||
                                brackets_.back() == Bracket::kControl ||
                                brackets_.back() == Bracket::kSquare)) {
    brackets_.pop_back();
  }
  if (brackets_.empty() || brackets_.back() != Bracket::kHole) {
    return false;
  }
  brackets_.pop_back();
  const Form form = forms_.back();
  forms_.pop_back();
  ++at_;
  Give(Kind::kOperator, ")", at_ - 1);
  Give(Kind::kOperator, language_ == ScriptLanguage::kPhp ? "." : "+", at_);
  Body(form);
  return true;
}

// Python 3 reference, 2.4.3: "!r", ":>{width}", up to the closing brace.
void ScriptLexer::SkipFormatSpec() {
  std::size_t depth = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '}' && depth-- == 0) {
      return;
    }
    depth += c == '{' ? 1U : 0U;
    if (c == '\n' && !forms_.back().lines) {
      return;
    }
  }
}

}  // namespace assay::facts
