// From words to commands: compound commands, redirections, here-documents.

#include "verifier/facts/shell_parser.h"

#include <algorithm>
#include <utility>

#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxDepth = 32;

bool IsNameStart(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// XCU 2.10.2, rule 7: a name, "=" (or bash's "+=" and subscripts).
bool IsAssignment(std::string_view word) {
  std::size_t at = 0;
  if (word.empty() || !IsNameStart(word[0])) {
    return false;
  }
  while (at < word.size() && (IsNameStart(word[at]) || IsDigit(word[at]))) {
    ++at;
  }
  if (at < word.size() && word[at] == '[') {
    at = std::min(word.find(']', at), word.size() - 1) + 1;
  }
  if (at < word.size() && word[at] == '+') {
    ++at;
  }
  return at < word.size() && word[at] == '=';
}

}  // namespace

ShellScript ParseShell(std::string_view text, std::size_t limit,
                       ShellValues values) {
  return ShellParser(text, limit, std::move(values)).Parse();
}

ShellScript ShellParser::Parse() {
  Walk();
  AddReadings();
  AddCalls();
  script_.values = std::move(values_);
  return std::move(script_);
}

void ShellParser::Walk() {
  frames_.emplace_back();
  while (at_ < text_.size() && !script_.truncated) {
    Step();
  }
  at_ = std::min(at_, text_.size());
  while (frames_.size() > 1) {
    Pop();
  }
  EndCommand();
}

void ShellParser::StartWord() {
  Frame& frame = top();
  if (frame.in_word) {
    return;
  }
  frame.in_word = true;
  frame.quoted = false;
  frame.expanded = false;
  frame.word = {};
  frame.word_start = at_;
  if (!frame.command) {
    frame.command = Slot();
  }
}

void ShellParser::Append(std::string_view text) {
  StartWord();
  top().word.Append(text);
}

void ShellParser::EndWord() {
  Frame& frame = top();
  if (!frame.in_word) {
    return;
  }
  frame.in_word = false;
  frame.in_double = false;
  frame.braces = 0;
  const ShellText word = std::exchange(frame.word, {});
  if (!frame.command || script_.truncated) {
    return;
  }
  ShellCommand& command = script_.commands[*frame.command];
  const std::string op = std::exchange(frame.redirection, {});
  if (op.empty()) {
    return TakeWord(word, frame.quoted);
  }
  const bool strip_tabs = op.ends_with("<<-");
  if (strip_tabs || (op.ends_with("<<") && !op.ends_with("<<<"))) {
    here_documents_.push_back({word.Reading(0), strip_tabs, frame.command});
  }
  command.redirections.push_back(op + word.Reading(0));
  if (command.place.length == 0) {
    command.place.offset = frame.word_start;
    command.line = LineAt(frame.word_start);
  }
  command.place.length = at_ - command.place.offset;
}

// Words of compound commands, which belong to no simple command.
bool ShellParser::IsNoPart(const std::string& word, bool quoted) {
  Frame& frame = top();
  if (!frame.cases.empty() && TakeCaseWord(word, quoted)) {
    return true;
  }
  if (frame.mode == Mode::kFunctionName) {
    frame.mode = Mode::kCommand;
    defined_ = word;
    return true;
  }
  if (frame.mode == Mode::kArray ||
      (frame.mode == Mode::kHeader && word != "do")) {
    return true;
  }
  return !frame.started && !quoted && !frame.expanded && TakeReserved(word);
}

void ShellParser::TakeWord(const ShellText& word, bool quoted) {
  Frame& frame = top();
  const Mode mode = frame.mode;
  if (IsNoPart(word.Reading(0), quoted)) {
    if (mode == frame.mode) {
      TakeListWord(word, quoted);
    }
    // What the word substitutes has slots of its own; those that follow come
    // behind them.
    if (!frame.started && *frame.command + 1 < script_.commands.size()) {
      frame.command.reset();
    }
    return;
  }
  ShellCommand& command = script_.commands[*frame.command];
  if (!frame.started || command.place.length == 0) {
    frame.started = true;
    BeginGuarded(command);
    command.place.offset = frame.word_start;
    command.line = LineAt(frame.word_start);
  }
  command.place.length = at_ - command.place.offset;
  if (frame.mode == Mode::kConditional && word.Reading(0) == "]]") {
    frame.mode = Mode::kCommand;
  }
  if (command.words.empty() && IsNameStart(text_[frame.word_start]) &&
      IsAssignment(word.Reading(0))) {
    command.assignments.push_back(word.Reading(0));
    return Assign(word);
  }
  PushWord(command, word, frame.expanded && !quoted);
}

// XCU 2.4: reserved words where a command may begin.
// NOLINTNEXTLINE(readability-function-cognitive-complexity): a grammar
bool ShellParser::TakeReserved(const std::string& word) {
  static constexpr std::string_view kPassed[] = {
      "if",    "then", "elif", "else", "fi",   "do",     "done", "while",
      "until", "{",    "}",    "!",    "time", "coproc", "esac"};
  Frame& frame = top();
  TakeGuardWord(word);
  if (word == "case") {
    frame.cases.push_back(Case::kWord);
    frame.subjects.emplace_back();
    return true;
  }
  if (word == "for" || word == "select") {
    frame.mode = Mode::kHeader;
    frame.listed.clear();
    frame.list.reset();
    ++frame.loops;
    return true;
  }
  if (word == "function") {
    frame.mode = Mode::kFunctionName;
    return true;
  }
  if (word == "[[") {
    frame.mode = Mode::kConditional;
    return false;
  }
  frame.branches += word == "if" ? 1U : 0U;
  frame.branches -= word == "fi" && frame.branches > 0 ? 1U : 0U;
  frame.loops += word == "while" || word == "until" ? 1U : 0U;
  frame.loops -= word == "done" && frame.loops > 0 ? 1U : 0U;
  if (word == "{" || word == "}") {
    TakeBrace(word == "{");
  }
  const bool passed = std::find(std::begin(kPassed), std::end(kPassed), word) !=
                      std::end(kPassed);
  if (passed && word == "esac" && !frame.cases.empty()) {
    frame.cases.pop_back();
    frame.subjects.pop_back();
  }
  if (passed) {
    frame.mode = Mode::kCommand;
  }
  return passed;
}

bool ShellParser::TakeCaseWord(const std::string& word, bool quoted) {
  Frame& frame = top();
  switch (frame.cases.back()) {
    case Case::kWord:
      if (word == "in" && !quoted) {
        frame.cases.back() = Case::kPattern;
      } else if (frame.subjects.back().empty()) {
        frame.subjects.back() = word;
      }
      return true;
    case Case::kPattern:
      if (word == "esac" && !quoted) {
        EndLevel("c");
        frame.cases.pop_back();
        frame.subjects.pop_back();
      } else if (frame.pattern.size() < ShellText::kMaxBytes) {
        AppendWord(frame.pattern, word, "|");
      }
      return true;
    case Case::kList:
      break;
  }
  return false;
}

// A branch of a "case" reads like a command: "case WORD in PATTERN".
void ShellParser::AddBranch() {
  Frame& frame = top();
  const std::string pattern = std::exchange(frame.pattern, {});
  if (pattern.empty() || frame.subjects.back().empty()) {
    return;
  }
  const std::size_t slot = Slot();
  if (script_.truncated) {
    return;
  }
  ShellCommand& command = script_.commands[slot];
  command.words = {"case", frame.subjects.back(), "in", pattern};
  command.known = false;
  command.place = {at_ - 1, 1};
  command.line = LineAt(at_ - 1);
  command.guard = Guard();
  if (!frame.levels.empty() && frame.levels.back().kind == 'c') {
    command.closes = frame.levels.back().from;
  }
  BeginBranch(slot);
  frame.command.reset();
  frame.piped = false;
}

void ShellParser::EndCommand() {
  EndWord();
  Frame& frame = top();
  frame.redirection.clear();
  if (frame.mode == Mode::kHeader) {
    AssignList();
  }
  if (frame.mode != Mode::kFunctionName) {
    frame.mode = Mode::kCommand;
  }
  if (!frame.command || script_.truncated) {
    return;
  }
  const ShellCommand& command = script_.commands[*frame.command];
  const bool empty = command.words.empty() && command.assignments.empty() &&
                     command.redirections.empty();
  if (!command.words.empty()) {
    frame.last = frame.command;
    NoteLeaving(command);
    NoteCommand(*frame.command);
  } else if (!command.redirections.empty()) {
    script_.commands[*frame.command].closes = frame.closed;
  }
  frame.replaced.clear();
  frame.conditional = false;
  // After a reserved word alone ("then", "{") its slot serves what follows.
  if (!empty || *frame.command + 1 < script_.commands.size()) {
    frame.command.reset();
  }
  frame.started = false;
}

// `skip`: the length of what opens the substitution.
void ShellParser::Push(Closer closer, std::size_t skip) {
  StartWord();
  if (frames_.size() >= kMaxDepth) {
    Append(text_.substr(at_, skip));
    at_ += skip;
    return;
  }
  Frame frame{.closer = closer,
              .opened = at_,
              .within = top().command,
              .branches = 1};  // what it assigns stays inside
  frame.guard = Guard();
  frames_.push_back(std::move(frame));
  at_ += skip;
}

// Ends a substitution: its text becomes part of the outer word.
void ShellParser::Pop() {
  EndCommand();
  const std::size_t opened = top().opened;
  const std::string_view written = text_.substr(opened, at_ - opened);
  auto output = top().pipelines == 1 ? std::move(top().output) : std::nullopt;
  frames_.pop_back();
  StartWord();
  if (!output || written[0] == '<' || written[0] == '>') {
    return top().word.AppendUnknown(written);
  }
  // XCU 2.6.3: line breaks at the end go.
  output->resize(output->find_last_not_of('\n') + 1);
  ShellText value;
  value.Append(*output);
  AppendValue(value);
}

// The bodies stand between this line and their delimiters (XCU 2.7.4).
// NOLINTNEXTLINE(readability-function-cognitive-complexity): a grammar
void ShellParser::ReadHereDocuments() {
  for (const HereDocument& document : std::exchange(here_documents_, {})) {
    const std::size_t start = at_;
    std::size_t end = text_.size();
    while (at_ < text_.size()) {
      const std::size_t stop = std::min(text_.find('\n', at_), text_.size());
      std::string_view line = text_.substr(at_, stop - at_);
      if (document.strip_tabs) {
        line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
      }
      if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
      }
      const std::size_t from = at_;
      at_ = std::min(stop + 1, text_.size());
      if (line == document.delimiter) {
        end = from;
        break;
      }
    }
    if (document.command && *document.command < script_.commands.size()) {
      script_.commands[*document.command].here_document =
          Range{start, end - start};
      const std::string_view body = text_.substr(start, end - start);
      if (body.find_first_of("$`") == std::string_view::npos) {
        HandOver(*document.command, std::string(body));
      }
    }
  }
}

std::size_t ShellParser::Slot() {
  if (script_.commands.size() >= limit_) {
    script_.truncated = true;
    return script_.commands.empty() ? 0 : script_.commands.size() - 1;
  }
  ShellCommand command;
  command.within = top().within;
  script_.commands.push_back(std::move(command));
  const std::size_t slot = script_.commands.size() - 1;
  LinkPipe(slot);
  return slot;
}

void ShellParser::LinkPipe(std::size_t slot) {
  const auto from = std::exchange(top().pipe_from, std::nullopt);
  if (from && *from != slot) {
    script_.commands[*from].pipe_to = slot;
    script_.commands[slot].feed = std::exchange(top().pipe_feed, std::nullopt);
    top().piped = true;
  }
}

std::uint32_t ShellParser::LineAt(std::size_t offset) {
  if (offset > counted_) {
    line_ += static_cast<std::uint32_t>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                   text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
    counted_ = offset;
  }
  return line_;
}

}  // namespace assay::facts
