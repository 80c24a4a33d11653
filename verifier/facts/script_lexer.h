// Python, JavaScript, PHP and Lua sources as tokens, by the lexical rules of
// each language's reference manual. One pass over any bytes: every byte is
// looked at a bounded number of times, quotes that never close end where the
// text (or, where the language says so, the line) does.
//
// What stands inside a string but is code becomes tokens: `a${b}c` of
// JavaScript, f"a{b}c" and "a{$b}c" of PHP give ( "a" + ( b ) + "c" ), with
// PHP's own operator. A template always has the outer parentheses, so that a
// tagged one reads as the call that it is; PHP's `x` gives shell_exec ( "x" ).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/facts/text_pool.h"

namespace assay::facts {

// Perl is read as PHP; see script_perl.h.
enum class ScriptLanguage : std::uint8_t {
  kPython,
  kJavascript,
  kPhp,
  kLua,
  kPerl
};

// "python" ... as ScriptKind names them; nothing for other languages.
[[nodiscard]] std::optional<ScriptLanguage> ScriptLanguageOf(
    std::string_view name);
[[nodiscard]] std::string_view NameOf(ScriptLanguage language);

struct ScriptToken {
  enum class Kind : std::uint8_t {
    kEnd,
    kName,     // with PHP's "$"
    kString,   // text: the decoded value
    kNumber,   // as it is written
    kPattern,  // a regular expression of JavaScript
    kOperator,
    kLineEnd,  // only of Python, where it ends a statement
  };
  Kind kind = Kind::kEnd;
  std::string_view text = {};  // of the source, or kept in the pool
  Range place = {};
  std::uint32_t line = 0;  // from 1
  bool object = false;     // of "{" in JavaScript: a value, no block

  [[nodiscard]] bool Is(std::string_view op) const {
    return kind == Kind::kOperator && text == op;
  }
};

class ScriptLexer {
 public:
  // `text` and `pool` have to outlive the tokens.
  ScriptLexer(ScriptLanguage language, std::string_view text, TextPool& pool);
  [[nodiscard]] ScriptToken Next();

 private:
  enum class Escapes : std::uint8_t { kNone, kQuotes, kFull };
  enum class Holes : std::uint8_t { kNone, kTemplate, kFormat, kPhp };

  // How the text of a string is read, and what ends it.
  struct Form {
    std::string_view closer = {};  // of a heredoc: its label
    Escapes escapes = Escapes::kFull;
    Holes holes = Holes::kNone;
    bool lines = false;  // may span lines
    bool heredoc = false;
    bool wrapped = false;  // its opening parenthesis was given
  };
  // What a bracket is, so that its closer is understood.
  enum class Bracket : std::uint8_t {
    kRound,
    kControl,  // "if (": a pattern may follow its end
    kSquare,
    kBlock,
    kObject,
    kHole,  // code inside a string: the last of forms_
  };

  [[nodiscard]] char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool Starts(std::string_view part) const {
    return text_.substr(at_, part.size()) == part;
  }
  [[nodiscard]] bool IsNameStart(char c) const;
  [[nodiscard]] bool IsNamePart(char c) const;
  [[nodiscard]] std::uint32_t LineAt(std::size_t offset);
  void Give(ScriptToken::Kind kind, std::string_view text, std::size_t start);

  void Step();
  void SkipHtml();
  [[nodiscard]] bool SkipBlank();
  [[nodiscard]] bool SkipComment();
  void SkipLineComment();
  void Name();
  [[nodiscard]] std::string_view PlainName(std::string_view written);
  void Number();
  void Operator();
  void Opened(char bracket);
  [[nodiscard]] bool BeginsObject() const;
  void Closed(char bracket);
  [[nodiscard]] bool EndOfHole();
  void SkipFormatSpec();
  [[nodiscard]] bool PatternMayFollow() const;
  void Pattern();

  [[nodiscard]] bool StringStarts();
  [[nodiscard]] bool PythonString();
  [[nodiscard]] bool PhpString();
  [[nodiscard]] bool LuaString();
  [[nodiscard]] bool LongBracket(std::size_t from, Form& form);
  [[nodiscard]] bool Heredoc();
  void Open(Form form, std::size_t opener);
  void Body(Form form);
  [[nodiscard]] bool Piece(Form& form);
  [[nodiscard]] std::size_t PlainAt(const Form& form) const;
  [[nodiscard]] std::optional<std::size_t> ClosesAt(const Form& form,
                                                    std::size_t at) const;
  [[nodiscard]] std::size_t HoleAt(const Form& form, std::size_t at) const;
  [[nodiscard]] bool OpenHole(const Form& form, std::size_t length);
  void PhpVariable();
  void Wrap(Form& form, std::size_t start);
  [[nodiscard]] bool StandsForItself(const Form& form) const;
  void Escape(const Form& form, std::string& into);
  [[nodiscard]] bool NumericEscape(std::string& into);
  void NamedEscape(std::string& into);
  void CodePoint(std::size_t skip, std::size_t most, std::string& into);

  ScriptLanguage language_;
  std::string_view text_;
  TextPool& pool_;
  std::size_t at_ = 0;
  bool in_php_ = true;
  std::vector<ScriptToken> queue_;  // given, not yet fetched
  std::size_t fetched_ = 0;
  std::vector<Bracket> brackets_;
  std::vector<Form> forms_;  // strings that an open hole interrupts
  // What came last, for the question whether "/" divides.
  ScriptToken last_;
  bool last_is_member_ = false;
  Bracket last_closed_ = Bracket::kRound;
  std::size_t counted_ = 0;  // offset up to which line_ counts
  std::uint32_t line_ = 1;
};

// Appends a code point in UTF-8; what is none is left out.
void AppendUtf8(std::uint32_t code, std::string& into);

}  // namespace assay::facts
