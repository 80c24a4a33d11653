// The words of a YARA file, one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rules/yara/ast.h"

namespace assay::yara {

struct Token {
  enum class Kind : std::uint8_t {
    kEnd,     // of the file, or after a mistake
    kWord,    // identifiers and keywords
    kString,  // $a, $a*, $, and #a, @a, !a: `text` with the sign
    kNumber,
    kReal,
    kText,   // "...", without escapes
    kRegex,  // /.../is: `text` between the slashes, `flags` after them
    kSign,   // ( ) { } [ ] : = , . | & ^ ~ + - * \ % < <= == != >= > << >> ..
  };
  Kind kind = Kind::kEnd;
  Mark mark = {};
  std::string text = {};
  std::string flags = {};
  std::int64_t number = 0;
  double real = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  [[nodiscard]] const Token& Peek();
  Token Take();
  // The text up to the next "}", without comments; the "{" is the last token
  // taken.
  [[nodiscard]] std::string TakeHexString();

  // Ends the words. The first mistake stays.
  void Complain(Mark mark, std::string what);
  [[nodiscard]] bool failed() const { return !problem_.empty(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] Mark problem_mark() const { return problem_mark_; }

 private:
  [[nodiscard]] bool At(std::string_view what) const {
    return text_.substr(at_, what.size()) == what;
  }
  [[nodiscard]] char Here() const {
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void Step(std::size_t count);
  void SkipSpaces();
  void SkipUntil(std::string_view end);
  void Read();
  void ReadWord();
  void ReadString();
  void ReadNumber();
  void ReadText();
  void ReadEscape();
  void ReadRegex();
  void ReadSign();

  std::string_view text_;
  std::size_t at_ = 0;
  Mark mark_ = {1, 1};
  Token token_;
  bool has_token_ = false;
  std::string problem_;
  Mark problem_mark_;
};

}  // namespace assay::yara
