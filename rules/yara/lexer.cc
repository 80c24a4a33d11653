#include "rules/yara/lexer.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"

namespace assay::yara {
namespace {

constexpr std::size_t kLongestWord = 128;  // as in YARA

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool IsWordByte(char c) {
  return IsWordStart(c) || IsDigit(c);
}

}  // namespace

void Lexer::Complain(Mark mark, std::string what) {
  if (problem_.empty()) {
    problem_ = std::move(what);
    problem_mark_ = mark;
  }
  at_ = text_.size();
  token_ = {.mark = mark};
  has_token_ = true;
}

const Token& Lexer::Peek() {
  if (!has_token_) {
    has_token_ = true;
    Read();
  }
  return token_;
}

Token Lexer::Take() {
  Token token = Peek();
  has_token_ = token.kind == Token::Kind::kEnd;
  return token;
}

void Lexer::Step(std::size_t count) {
  for (; count > 0 && at_ < text_.size(); --count, ++at_) {
    const bool new_line = text_[at_] == '\n';
    mark_.line += new_line ? 1 : 0;
    mark_.column = new_line ? 1 : mark_.column + 1;
  }
}

void Lexer::SkipUntil(std::string_view end) {
  const std::size_t found = text_.find(end, at_);
  Step(found == std::string_view::npos ? text_.size() - at_
                                       : found + end.size() - at_);
}

void Lexer::SkipSpaces() {
  for (;;) {
    if (At("\xEF\xBB\xBF") && at_ == 0) {
      at_ += 3;  // a byte order mark
    } else if (At("//")) {
      SkipUntil("\n");
    } else if (At("/*")) {
      const Mark mark = mark_;
      if (text_.find("*/", at_ + 2) == std::string_view::npos) {
        Complain(mark, "a comment without its end: add */");
        return;
      }
      Step(2);
      SkipUntil("*/");
    } else if (at_ < text_.size() &&
               std::string_view(" \t\r\n\v\f").find(Here()) !=
                   std::string_view::npos) {
      Step(1);
    } else {
      return;
    }
  }
}

void Lexer::Read() {
  SkipSpaces();
  if (failed()) {
    return;
  }
  token_ = {.mark = mark_};
  if (at_ >= text_.size()) {
    return;
  }
  const char c = Here();
  const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (IsWordStart(c)) {
    ReadWord();
  } else if (IsDigit(c)) {
    ReadNumber();
  } else if (c == '$' || ((c == '#' || c == '@' || c == '!') && after != '=')) {
    ReadString();
  } else if (c == '"') {
    ReadText();
  } else if (c == '/') {
    ReadRegex();
  } else {
    ReadSign();
  }
}

void Lexer::ReadWord() {
  token_.kind = Token::Kind::kWord;
  std::size_t end = at_;
  while (end < text_.size() && IsWordByte(text_[end])) {
    ++end;
  }
  token_.text = text_.substr(at_, end - at_);
  if (token_.text.size() > kLongestWord) {
    Complain(token_.mark,
             fmt::format("a name has at most {} characters", kLongestWord));
    return;
  }
  Step(end - at_);
}

void Lexer::ReadString() {
  token_.kind = Token::Kind::kString;
  std::size_t end = at_ + 1;
  while (end < text_.size() && IsWordByte(text_[end])) {
    ++end;
  }
  if (Here() == '$' && end < text_.size() && text_[end] == '*') {
    ++end;
  }
  token_.text = text_.substr(at_, end - at_);
  Step(end - at_);
}

void Lexer::ReadNumber() {
  int base = 10;
  if (At("0x") || At("0o")) {
    base = At("0x") ? 16 : 8;
    Step(2);
  }
  token_.kind = Token::Kind::kNumber;
  const char* const begin = text_.data() + at_;
  const char* const end = text_.data() + text_.size();
  auto read = std::from_chars(begin, end, token_.number, base);
  const bool real = base == 10 && read.ec == std::errc() &&
                    end - read.ptr >= 2 && read.ptr[0] == '.' &&
                    IsDigit(read.ptr[1]);
  if (real) {
    token_.kind = Token::Kind::kReal;
    read = std::from_chars(begin, end, token_.real, std::chars_format::fixed);
  }
  if (read.ec != std::errc()) {
    Complain(token_.mark, "a number that is too large or none at all");
    return;
  }
  Step(static_cast<std::size_t>(read.ptr - begin));
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 2> kUnits = {
      {{"KB", 1024}, {"MB", 1048576}}};
  for (const auto& [name, size] : kUnits) {
    if (!real && At(name)) {
      if (token_.number > std::numeric_limits<std::int64_t>::max() / size) {
        Complain(token_.mark, "a number that is too large");
        return;
      }
      token_.number *= size;
      Step(name.size());
      break;
    }
  }
}

void Lexer::ReadText() {
  token_.kind = Token::Kind::kText;
  Step(1);
  while (!failed() && Here() != '"') {
    if (at_ >= text_.size() || Here() == '\n') {
      Complain(token_.mark, "a text without its closing \"");
    } else if (Here() == '\\') {
      ReadEscape();
    } else {
      token_.text += Here();
      Step(1);
    }
  }
  Step(1);
}

void Lexer::ReadEscape() {
  constexpr std::string_view kLetters = "tnr\"\\";
  constexpr std::string_view kBytes = "\t\n\r\"\\";
  const Mark mark = mark_;
  Step(1);
  const std::size_t letter = kLetters.find(Here());
  const auto byte =
      BytesFromHex(text_.substr(at_ + (Here() == 'x' ? 1 : 0), 2));
  if (Here() == 'x' && byte && byte->size() == 1) {
    token_.text += AsText(*byte);
    Step(3);
  } else if (at_ < text_.size() && letter != std::string_view::npos) {
    token_.text += kBytes[letter];
    Step(1);
  } else {
    Complain(mark, "an escape is one of \\t \\n \\r \\\" \\\\ \\x41");
  }
}

void Lexer::ReadRegex() {
  token_.kind = Token::Kind::kRegex;
  Step(1);
  while (Here() != '/') {
    if (at_ >= text_.size() || Here() == '\n') {
      Complain(token_.mark, "a regular expression without its closing /");
      return;
    }
    if (Here() == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
      if (text_[at_ + 1] != '/') {
        token_.text += Here();
      }
      Step(1);
    }
    token_.text += Here();
    Step(1);
  }
  Step(1);
  while (Here() == 'i' || Here() == 's') {
    token_.flags += Here();
    Step(1);
  }
}

void Lexer::ReadSign() {
  constexpr std::array<std::string_view, 8> kLong = {
      "<<", ">>", "<=", ">=", "==", "!=", "..", "->"};
  constexpr std::string_view kShort = "(){}[]:=,.|&^~+-*\\%<>";
  token_.kind = Token::Kind::kSign;
  for (const std::string_view sign : kLong) {
    if (At(sign)) {
      token_.text = sign;
      Step(2);
      return;
    }
  }
  if (kShort.find(Here()) == std::string_view::npos) {
    Complain(mark_, fmt::format("\"{}\" is no part of a rule",
                                Escaped(text_.substr(at_, 1))));
    return;
  }
  token_.text = Here();
  Step(1);
}

std::string Lexer::TakeHexString() {
  std::string hex;
  const Mark mark = mark_;
  while (Here() != '}') {
    if (at_ >= text_.size()) {
      Complain(mark, "a hex string without its closing }");
      return {};
    }
    if (At("//")) {
      SkipUntil("\n");
    } else if (At("/*")) {
      SkipUntil("*/");
    } else {
      hex += Here();
      Step(1);
    }
  }
  Step(1);
  return hex;
}

}  // namespace assay::yara
