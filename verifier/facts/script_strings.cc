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
  const bool quote = c == '\'' || c == '"';
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
      if (Heredoc()) {
        return true;
      }
      if (c == '`') {
        Give(Kind::kName, "shell_exec", at_);
      }
      if (quote || c == '`') {
        Open({.closer = text_.substr(at_, 1),
              .escapes = c == '\'' ? Escapes::kQuotes : Escapes::kFull,
              .holes = c == '\'' ? Holes::kNone : Holes::kPhp,
              .lines = true},
             1);
        return true;
      }
      return false;
    case ScriptLanguage::kLua: {
      Form form;
      const std::size_t start = at_;
      if (LongBracket(at_, form)) {
        std::string_view text = text_.substr(start, at_ - start);
        const std::size_t edge = text.find('[', 1) + 1;
        text.remove_prefix(edge);
        text.remove_suffix(
            std::min(form.closer.empty() ? 0 : edge, text.size()));
        text.remove_prefix(text.substr(0, 1) == "\n" ? 1 : 0);
        Give(Kind::kString, text, start);
        return true;
      }
      break;
    }
  }
  if (quote) {
    Open({.closer = text_.substr(at_, 1)}, 1);
  }
  return quote;
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
  Piece(form);
}

void ScriptLexer::Wrap(Form& form, std::size_t start) {
  if (!form.wrapped) {
    Give(Kind::kOperator, "(", start);
    form.wrapped = true;
  }
}

// Where what closes the form at `at` ends, if it stands there.
std::optional<std::size_t> ScriptLexer::ClosesAt(const Form& form,
                                                 std::size_t at) const {
  if (!form.heredoc) {
    if (text_.substr(at, form.closer.size()) == form.closer) {
      return at + form.closer.size();
    }
    return std::nullopt;
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
  const char next = at + 1 < text_.size() ? text_[at + 1] : '\0';
  switch (form.holes) {
    case Holes::kNone:
      return 0;
    case Holes::kTemplate:
      return text_[at] == '$' && next == '{' ? 2 : 0;
    case Holes::kFormat:
      return text_[at] == '{' && next != '{' ? 1 : 0;
    case Holes::kPhp:
      if (text_[at] == '{') {
        return next == '$' ? 1 : 0;
      }
      if (text_[at] != '$' || next == '\\') {
        return 0;
      }
      return next == '{' ? 2 : IsNameStart(next) && next != '$' ? 1 : 0;
  }
  return 0;
}

// The text up to the form's end, or to the code that interrupts it.
void ScriptLexer::Piece(Form form) {
  const std::size_t start = at_;
  std::size_t run = at_;  // what is not yet in `value`
  std::string value;
  const auto give = [&](std::size_t end) {
    const std::string_view rest = text_.substr(run, end - run);
    const std::string_view text =
        run == start ? rest : pool_.Keep(value += rest);
    Give(Kind::kString, text, start);
  };
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (const auto end = ClosesAt(form, at_)) {
      give(at_);
      at_ = *end;
      break;
    }
    if (c == '\n' && !form.lines) {
      give(at_);  // never closed
      break;
    }
    const std::size_t hole = forms_.size() < kMaxHoles ? HoleAt(form, at_) : 0;
    if (hole > 0) {
      Wrap(form, start);
      give(at_);
      return OpenHole(form, hole);
    }
    if (c == '\\' && form.escapes != Escapes::kNone) {
      value += text_.substr(run, at_ - run);
      Escape(form, value);
      run = at_;
    } else {
      // A raw string's quote behind a backslash does not end it.
      const bool pair = c == '\\' && !form.heredoc && at_ + 1 < text_.size() &&
                        language_ == ScriptLanguage::kPython;
      const bool braces = form.holes == Holes::kFormat && c == '{';
      at_ += pair || braces ? 2 : 1;
    }
    if (at_ >= text_.size()) {
      at_ = text_.size();
      give(at_);
      break;
    }
  }
  if (start >= text_.size()) {
    give(start);
  }
  if (form.wrapped) {
    last_closed_ = Bracket::kRound;
    Give(Kind::kOperator, ")", at_);
  }
}

void ScriptLexer::OpenHole(Form form, std::size_t length) {
  const std::string_view plus = language_ == ScriptLanguage::kPhp ? "." : "+";
  Give(Kind::kOperator, plus, at_);
  if (form.holes == Holes::kPhp && text_[at_] == '$' && length == 1) {
    PhpVariable();
    Give(Kind::kOperator, plus, at_);
    return Piece(form);
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
  Piece(form);
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
