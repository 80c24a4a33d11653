// The state of ParseShell; see shell.h.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/facts/shell.h"
#include "verifier/facts/shell_values.h"

namespace assay::facts {

class ShellParser {
 public:
  ShellParser(std::string_view text, std::size_t limit, ShellValues values)
      : text_(text), limit_(limit), values_(std::move(values)) {}
  [[nodiscard]] ShellScript Parse();

 private:
  enum class Closer { kEnd, kParenthesis, kBacktick };
  // Where a `case` stands: before "in", among patterns, in a list.
  enum class Case { kWord, kPattern, kList };
  // What becomes of words that are not part of a simple command.
  enum class Mode { kCommand, kHeader, kFunctionName, kConditional, kArray };

  // A compound command that is open.
  struct Level {
    char kind = 0;         // i(f), w(hile), f(or), c(ase), {, (, F(unction)
    std::size_t from = 0;  // its first command, or that of its condition
    std::optional<std::size_t> outer = {};  // guard around it
    std::optional<std::size_t> base = {};   // guard of its condition
    std::optional<std::size_t> own = {};    // guard of its body
    std::optional<std::size_t> list_from = {};
    bool leaves = false;  // the body ends what is around it
  };

  // One level of command substitution.
  struct Frame {
    Closer closer = Closer::kEnd;
    std::size_t opened = 0;  // where "$(", "`" or "<(" stands
    std::optional<std::size_t> within = {};
    std::optional<std::size_t> command = {};  // being built
    std::optional<std::size_t> last = {};     // finished
    std::optional<std::size_t> pipe_from = {};
    std::vector<Case> cases = {};
    std::vector<std::string> subjects = {};  // of the cases, "case WORD in"
    std::string pattern = {};                // of the branch being read
    std::size_t parentheses = 0;
    Mode mode = Mode::kCommand;
    // The word being built.
    ShellText word = {};
    std::size_t word_start = 0;
    bool in_word = false;
    bool expanded = false;         // a value stands in it
    bool quoted = false;           // any part of the word
    bool in_double = false;        // between double quotes
    std::size_t braces = 0;        // open "${"
    std::string redirection = {};  // operator that waits for its word
    bool started = false;  // the command has its first word or assignment
    // Whether what comes next may be skipped, or happens more than once.
    std::size_t branches = 0;
    std::size_t loops = 0;
    bool conditional = false;  // behind && or ||
    bool piped = false;        // the command reads the one before
    // What the last command prints, when the script tells.
    std::optional<std::string> output = {};
    std::size_t pipelines = 0;
    // "for NAME in VALUES", "NAME=(VALUES)".
    std::string listed = {};
    std::optional<ShellText> list = {};
    // What decides whether the next command runs; see shell_guards.cc.
    std::vector<Level> levels = {};
    std::optional<std::size_t> guard = {};
    std::optional<std::size_t> pending = {};    // by && or ||
    std::optional<std::size_t> leave = {};      // the list leaves when it holds
    std::optional<std::size_t> list_from = {};  // first command of the list
    std::optional<std::size_t> group_from = {};  // of what has just ended
    std::optional<std::size_t> closed = {};
    std::optional<std::size_t> pipe_feed = {};
    bool expects = false;  // && or || waits for a command
    // What assignments before a command's words replaced.
    std::vector<std::pair<std::string, std::optional<ShellText>>> replaced = {};
  };

  using Places = std::map<std::uint64_t, std::size_t>;  // offset to command

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

  void Walk();
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

  [[nodiscard]] bool Parameter();
  [[nodiscard]] bool Braces();
  void AppendValue(const ShellText& value);
  void Assign(const ShellText& word);
  void AssignList();
  void TakeListWord(const ShellText& word, bool quoted);
  void TakeBrace(bool opens);
  void NoteCommand(std::size_t index);
  void HandOver(std::size_t index, std::string input);
  void AddReadings();
  void AddCalls();
  void AddCall(std::size_t index, Range body, const Places& places);

  [[nodiscard]] std::optional<std::size_t> Guard() const;
  [[nodiscard]] std::size_t NextIndex() const;
  [[nodiscard]] std::optional<std::size_t> AddGuard(
      std::size_t first, std::size_t end, bool holds,
      std::optional<std::size_t> outer);
  [[nodiscard]] std::optional<std::size_t> Otherwise(
      std::optional<std::size_t> guard, std::optional<std::size_t> outer);
  void TakeGuardWord(const std::string& word);
  void BeginLevel(char kind);
  void BeginBody();
  void Alternative(bool condition);
  void EndLevel(std::string_view kinds);
  void BeginBranch(std::size_t slot);
  void EndBranch();
  void BeginGuarded(ShellCommand& command);
  void NoteLeaving(const ShellCommand& command);
  void ContinueList(bool holds);
  void EndList();

  void StartWord();
  void Append(std::string_view text);
  void EndWord();
  void TakeWord(const ShellText& word, bool quoted);
  void PushWord(ShellCommand& command, const ShellText& word, bool split);
  [[nodiscard]] bool IsNoPart(const std::string& word, bool quoted);
  [[nodiscard]] bool TakeReserved(const std::string& word);
  [[nodiscard]] bool TakeCaseWord(const std::string& word, bool quoted);
  void AddBranch();
  void EndCommand();
  void Push(Closer closer, std::size_t skip);
  void Pop();
  void ReadHereDocuments();
  [[nodiscard]] std::size_t Slot();
  void LinkPipe(std::size_t slot);
  [[nodiscard]] std::uint32_t LineAt(std::size_t offset);

  std::string_view text_;
  std::size_t limit_;
  ShellValues values_;
  std::size_t at_ = 0;
  std::vector<Frame> frames_;
  std::vector<HereDocument> here_documents_;
  ShellScript script_;
  // Further readings of a command's words.
  std::map<std::size_t, std::vector<std::vector<std::string>>> readings_;
  // Functions: the name that waits for its "{", open braces with the names
  // they belong to, and bodies.
  std::string defined_;
  std::vector<std::pair<std::string, std::size_t>> braces_;
  std::set<std::string, std::less<>> leaving_;  // functions that exit
  std::size_t outputs_ = 0;  // bytes that commands were found to print
  std::size_t counted_ = 0;  // offset up to which line_ counts
  std::uint32_t line_ = 1;
};

}  // namespace assay::facts
