// The state of ParseShell; see shell.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/facts/shell.h"

namespace assay::facts {

class ShellParser {
 public:
  ShellParser(std::string_view text, std::size_t limit)
      : text_(text), limit_(limit) {}
  [[nodiscard]] ShellScript Parse();

 private:
  enum class Closer { kEnd, kParenthesis, kBacktick };
  // Where a `case` stands: before "in", among patterns, in a list.
  enum class Case { kWord, kPattern, kList };
  // What becomes of words that are not part of a simple command.
  enum class Mode { kCommand, kHeader, kFunctionName, kConditional, kArray };

  // One level of command substitution.
  struct Frame {
    Closer closer = Closer::kEnd;
    std::size_t opened = 0;  // where "$(", "`" or "<(" stands
    std::optional<std::size_t> within = {};
    std::optional<std::size_t> command = {};  // being built
    std::optional<std::size_t> last = {};     // finished
    std::optional<std::size_t> pipe_from = {};
    std::vector<Case> cases = {};
    std::size_t parentheses = 0;
    Mode mode = Mode::kCommand;
    // The word being built.
    std::string word = {};
    std::size_t word_start = 0;
    bool in_word = false;
    bool quoted = false;           // any part of the word
    bool in_double = false;        // between double quotes
    std::size_t braces = 0;        // open "${"
    std::string redirection = {};  // operator that waits for its word
    bool started = false;  // the command has its first word or assignment
  };

  struct HereDocument {
    std::string delimiter = {};
    bool strip_tabs = false;
    std::optional<std::size_t> command = {};
  };

  [[nodiscard]] Frame& top() { return frames_.back(); }
  [[nodiscard]] char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool InPattern() const {
    return !frames_.back().cases.empty() &&
           frames_.back().cases.back() != Case::kList;
  }

  void Step();
  void StepInsideQuotes();
  void StepOperator();
  [[nodiscard]] bool StepExpansion();
  void Backslash();
  void SingleQuotes();
  void AnsiQuotes();
  [[nodiscard]] bool Arithmetic(std::size_t open);
  void OpenParenthesis();
  void CloseParenthesis();
  void Semicolon();
  void Ampersand();
  void Pipe();
  void Newline();
  [[nodiscard]] bool Redirection();

  void StartWord();
  void Append(std::string_view text);
  void EndWord();
  void TakeWord(std::string word, bool quoted);
  [[nodiscard]] bool IsNoPart(const std::string& word, bool quoted);
  [[nodiscard]] bool TakeReserved(const std::string& word);
  [[nodiscard]] bool TakeCaseWord(const std::string& word, bool quoted);
  void EndCommand();
  void Push(Closer closer, std::size_t skip);
  void Pop();
  void ReadHereDocuments();
  [[nodiscard]] std::size_t Slot();
  [[nodiscard]] std::uint32_t LineAt(std::size_t offset);

  std::string_view text_;
  std::size_t limit_;
  std::size_t at_ = 0;
  std::vector<Frame> frames_;
  std::vector<HereDocument> here_documents_;
  ShellScript script_;
  std::size_t counted_ = 0;  // offset up to which line_ counts
  std::uint32_t line_ = 1;
};

}  // namespace assay::facts
