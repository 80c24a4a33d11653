// What a backslash stands for, by each language's manual.

#include <algorithm>
#include <string>

#include "verifier/facts/script_lexer.h"

namespace assay::facts {
namespace {

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
         (c >= 'A' && c <= 'F');
}

std::uint32_t Digit(char c) {
  const auto value = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
  return c <= '9' ? value - '0' : (value | 0x20U) - 'a' + 10;
}

bool IsDigitOf(std::uint32_t base, char c) {
  return IsHex(c) && Digit(c) < base;
}

}  // namespace

void AppendUtf8(std::uint32_t code, std::string& into) {
  const auto add = [&](std::uint32_t byte) { into += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0U | (code >> 6U));
    add(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    add(0xE0U | (code >> 12U));
    add(0x80U | ((code >> 6U) & 0x3FU));
    add(0x80U | (code & 0x3FU));
  } else if (code < 0x110000) {
    add(0xF0U | (code >> 18U));
    add(0x80U | ((code >> 12U) & 0x3FU));
    add(0x80U | ((code >> 6U) & 0x3FU));
    add(0x80U | (code & 0x3FU));
  }
}

// Whether the backslash only takes the meaning of what follows, or is the last.
bool ScriptLexer::StandsForItself(const Form& form) const {
  const char c = Peek(1);
  const bool closer =
      !form.heredoc && !form.closer.empty() && c == form.closer[0];
  return at_ + 1 >= text_.size() || closer || c == '\\' ||
         (language_ == ScriptLanguage::kPhp && c == '$');
}

void ScriptLexer::Escape(const Form& form, std::string& into) {
  const bool php = language_ == ScriptLanguage::kPhp;
  const char c = Peek(1);
  if (StandsForItself(form)) {
    into += at_ + 1 < text_.size() ? c : '\\';
    at_ = std::min(at_ + 2, text_.size());
  } else if (form.escapes == Escapes::kQuotes) {
    into += '\\';
    ++at_;
  } else if (!php && c == '\r' && Peek(2) == '\n') {
    at_ += 3;
  } else if (!php && c == '\n') {
    into += language_ == ScriptLanguage::kLua ? "\n" : "";
    at_ += 2;
  } else if (language_ == ScriptLanguage::kLua && c == 'z') {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_ + 2), text_.size());
  } else if (!NumericEscape(into)) {
    NamedEscape(into);
  }
}

// By the value of a byte or a code point; false when there is none.
bool ScriptLexer::NumericEscape(std::string& into) {
  const char mark = Peek(1);
  const bool wide = language_ == ScriptLanguage::kPython && mark == 'U';
  if ((mark == 'u' && (language_ != ScriptLanguage::kPhp || Peek(2) == '{')) ||
      wide) {
    CodePoint(2, wide ? 8 : 4, into);
    return true;
  }
  const std::uint32_t base = mark == 'x'                         ? 16
                             : language_ == ScriptLanguage::kLua ? 10
                                                                 : 8;
  const std::size_t skip = base == 16 ? 2 : 1;
  const std::size_t most = base == 16 ? 2 : 3;
  if (!IsDigitOf(base, Peek(skip))) {
    return false;
  }
  at_ += skip;
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < most && IsDigitOf(base, Peek()); ++i, ++at_) {
    code = code * base + Digit(Peek());
  }
  into += static_cast<char>(code & 0xFFU);
  return true;
}

// Unknown names: Python and PHP keep the backslash, the others drop it.
void ScriptLexer::NamedEscape(std::string& into) {
  constexpr std::string_view kNames = "nrtvfabe";
  constexpr std::string_view kValues = "\n\r\t\v\f\a\b\x1b";
  const bool php = language_ == ScriptLanguage::kPhp;
  const char c = Peek(1);
  const std::size_t name = kNames.find(c);
  const bool other = php ? c == 'a' || c == 'b' : c == 'e';
  if (name != std::string_view::npos && !other) {
    into += kValues[name];
  } else {
    const bool quote = c == '\'' || c == '"';
    into += (php || language_ == ScriptLanguage::kPython) && !quote ? "\\" : "";
    into += c;
  }
  at_ += 2;
}

// "\u0065" or "\u{65}" of which `skip` characters are the mark.
void ScriptLexer::CodePoint(std::size_t skip, std::size_t most,
                            std::string& into) {
  at_ += skip;
  const bool braces = Peek() == '{';
  at_ += braces ? 1U : 0U;
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < (braces ? 8 : most) && IsHex(Peek()); ++i) {
    code = code * 16 + Digit(Peek());
    ++at_;
  }
  at_ += braces && Peek() == '}' ? 1U : 0U;
  AppendUtf8(code, into);
}

}  // namespace assay::facts
