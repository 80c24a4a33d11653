// From characters to words: quoting, substitutions, operators.

#include <algorithm>
#include <array>
#include <utility>

#include "verifier/facts/shell_parser.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxArithmetic = 256;
constexpr std::size_t kMaxArithmeticDepth = 16;

// Everything that ends a run of plain characters outside of quotes.
constexpr std::string_view kSpecial = " \t\r\n'\"#;&|()<>$`\\";

bool IsSpecial(char c) {
  static const std::array<bool, 256> kTable = [] {
    std::array<bool, 256> table = {};
    for (const char special : kSpecial) {
      table.at(static_cast<unsigned char>(special)) = true;
    }
    return table;
  }();
  return kTable[static_cast<unsigned char>(c)];
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void ShellParser::Step() {
  if (Peek() == '\\') {
    return Backslash();
  }
  if (Peek() == '"') {
    StartWord();
    top().quoted = true;
    top().in_double = !top().in_double;
    ++at_;
    return;
  }
  if (StepExpansion()) {
    return;
  }
  if (top().in_double || top().braces > 0) {
    return StepInsideQuotes();
  }
  StepOperator();
}

// Plain characters where blanks and operators mean nothing.
void ShellParser::StepInsideQuotes() {
  if (Peek() == '\'' && !top().in_double) {
    return SingleQuotes();
  }
  if (Peek() == '}' && top().braces > 0) {
    --top().braces;
  }
  Append(text_.substr(at_++, 1));
}

void ShellParser::StepOperator() {
  const char c = Peek();
  switch (c) {
    case ' ':
    case '\t':
    case '\r':
      EndWord();
      ++at_;
      return;
    case '\n':
      return Newline();
    case '\'':
      return SingleQuotes();
    case '#':
      if (!top().in_word) {
        at_ = std::min(text_.find('\n', at_), text_.size());
        return;
      }
      break;
    case ';':
      return Semicolon();
    case '&':
      return Ampersand();
    case '|':
      return Pipe();
    case '(':
      return OpenParenthesis();
    case ')':
      return CloseParenthesis();
    case '<':
    case '>':
      if (Redirection()) {
        return;
      }
      break;
    default:
      break;
  }
  std::size_t end = at_ + 1;
  while (end < text_.size() && !IsSpecial(text_[end])) {
    ++end;
  }
  Append(text_.substr(at_, end - at_));
  at_ = end;
}

// "$(", "$((", "${", "$'" and backticks; false when there is none here.
bool ShellParser::StepExpansion() {
  if (Peek() == '`') {
    if (top().closer == Closer::kBacktick) {
      EndCommand();
      ++at_;
      Pop();
    } else {
      Push(Closer::kBacktick, 1);
    }
    return true;
  }
  if (Peek() != '$') {
    return false;
  }
  StartWord();
  if (Peek(1) == '(' && Peek(2) == '(' && Arithmetic(at_)) {
    return true;
  }
  if (Peek(1) == '(') {
    Push(Closer::kParenthesis, 2);
    return true;
  }
  if (Peek(1) == '{') {
    if (!Braces()) {
      ++top().braces;
      top().word.AppendUnknown(text_.substr(at_, 2));
      at_ += 2;
    }
    return true;
  }
  if (Peek(1) == '\'' && !top().in_double) {
    AnsiQuotes();
    return true;
  }
  if (Peek(1) == '"' && !top().in_double) {
    ++at_;  // $"...": a text to translate
    return true;
  }
  return Parameter();
}

// XCU 2.2.1 and, within double quotes, 2.2.3.
void ShellParser::Backslash() {
  if (Peek(1) == '\n') {
    at_ += 2;
    return;
  }
  if (Peek(1) == '\r' && Peek(2) == '\n') {
    at_ += 3;
    return;
  }
  constexpr std::string_view kEscapable = "$`\"\\";
  StartWord();
  top().quoted = true;
  const bool literal =
      top().in_double && kEscapable.find(Peek(1)) == std::string_view::npos;
  Append(literal ? text_.substr(at_, 2) : text_.substr(at_, 2).substr(1));
  at_ = std::min(at_ + 2, text_.size());
}

void ShellParser::SingleQuotes() {
  StartWord();
  top().quoted = true;
  const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
  Append(text_.substr(at_ + 1, end - at_ - 1));
  at_ = std::min(end + 1, text_.size());
}

// bash(1), "ANSI-C quoting": the escapes that give one byte.
void ShellParser::AnsiQuotes() {
  constexpr std::string_view kNames = "abefnrtv";
  constexpr std::string_view kValues = "\a\b\x1b\f\n\r\t\v";
  top().quoted = true;
  at_ += 2;
  while (at_ < text_.size() && Peek() != '\'') {
    if (Peek() != '\\') {
      Append(text_.substr(at_++, 1));
      continue;
    }
    const bool hex = Peek(1) == 'x';
    const std::string_view digits = hex ? "0123456789abcdefABCDEF" : "01234567";
    const std::string_view number =
        text_.substr(std::min(at_ + (hex ? 2 : 1), text_.size()), hex ? 2 : 3);
    const std::size_t length =
        std::min(number.find_first_not_of(digits), number.size());
    if (length > 0) {
      const int value = std::stoi(std::string(number.substr(0, length)),
                                  nullptr, hex ? 16 : 8);
      const char byte = static_cast<char>(value);
      Append({&byte, 1});
      at_ += (hex ? 2U : 1U) + length;
      continue;
    }
    const std::size_t name = kNames.find(Peek(1));
    Append(name == std::string_view::npos ? text_.substr(at_, 2).substr(1)
                                          : kValues.substr(name, 1));
    at_ += 2;
  }
  at_ = std::min(at_ + 1, text_.size());
}

// "((...))" from `open` on: passed as one piece of text when it closes soon.
// NOLINTNEXTLINE(readability-function-cognitive-complexity): a grammar
bool ShellParser::Arithmetic(std::size_t open) {
  const std::string_view rest = text_.substr(open, kMaxArithmetic);
  std::size_t depth = 0;
  for (std::size_t i = rest.find('('); i < rest.size(); ++i) {
    depth += rest[i] == '(' ? 1U : 0U;
    if (depth > kMaxArithmeticDepth) {
      return false;
    }
    if (rest[i] != ')' || --depth > 0) {
      continue;
    }
    if (rest[i - 1] != ')') {
      return false;  // "$((a); (b))": a subshell in a substitution
    }
    const std::size_t dollar = rest[0] == '$' ? 1 : 0;
    const auto value =
        i < 4 ? std::nullopt
              : EvaluateArithmetic(rest.substr(dollar + 2, i - dollar - 3),
                                   values_);
    if (dollar == 1 && value) {
      Append(*value);
    } else {
      StartWord();
      top().word.AppendUnknown(rest.substr(0, i + 1));
    }
    at_ = open + i + 1;
    return true;
  }
  return false;
}

void ShellParser::OpenParenthesis() {
  Frame& frame = top();
  if (InPattern() || frame.mode == Mode::kConditional) {
    ++at_;
    return;
  }
  if (frame.in_word && frame.word.Reading(0).ends_with('=')) {
    frame.listed = frame.word.Reading(0);
    frame.list.reset();
    EndWord();
    frame.mode = Mode::kArray;
    ++frame.parentheses;
    ++at_;
    return;
  }
  if (!frame.in_word && !frame.started && Peek(1) == '(' && Arithmetic(at_)) {
    top().word = {};  // an arithmetic command runs no program
    top().in_word = false;
    return;
  }
  EndWord();
  const std::size_t next = text_.find_first_not_of(" \t", at_ + 1);
  if (next != std::string_view::npos && text_[next] == ')') {
    // "name ()": a definition. Its body is a list of commands like any other.
    if (top().command && !script_.truncated) {
      auto& words = script_.commands[*top().command].words;
      defined_ = words.empty() ? "" : words.back();
      words.clear();
      readings_.erase(*top().command);
    }
    top().started = false;
    at_ = next + 1;
    return;
  }
  EndCommand();
  BeginLevel('(');
  ++top().parentheses;
  ++at_;
}

void ShellParser::CloseParenthesis() {
  EndWord();
  ++at_;
  Frame& frame = top();
  if (frame.mode == Mode::kConditional) {
    return;
  }
  if (InPattern()) {
    frame.cases.back() = Case::kList;
    AddBranch();
    return;
  }
  if (frame.parentheses > 0) {
    --frame.parentheses;
    if (frame.mode == Mode::kArray) {
      AssignList();
      frame.mode = Mode::kCommand;
    } else {
      EndCommand();
      EndLevel("(");
    }
    return;
  }
  if (frame.closer == Closer::kParenthesis) {
    Pop();
  } else {
    EndCommand();
  }
}

void ShellParser::Semicolon() {
  EndWord();
  ++at_;
  EndCommand();
  EndList();
  if ((Peek() == ';' || Peek() == '&') && !top().cases.empty()) {
    at_ += Peek() == ';' && Peek(1) == '&' ? 2U : 1U;
    EndBranch();
    top().cases.back() = Case::kPattern;
  }
}

void ShellParser::Ampersand() {
  if (Peek(1) == '>') {
    EndWord();
    StartWord();
    top().in_word = false;
    top().redirection = Peek(2) == '>' ? "&>>" : "&>";
    at_ += top().redirection.size();
    return;
  }
  EndWord();
  const std::size_t length = Peek(1) == '&' ? 2 : 1;
  if (top().mode == Mode::kConditional) {
    Append(text_.substr(at_, length));
  }
  at_ += length;
  if (top().mode == Mode::kConditional) {
    EndWord();
  } else {
    EndCommand();
    top().conditional = length == 2;
    if (length == 2) {
      ContinueList(true);
    } else {
      EndList();
    }
  }
}

void ShellParser::Pipe() {
  EndWord();
  const bool either = Peek(1) == '|';
  const std::size_t length = either || Peek(1) == '&' ? 2 : 1;
  if (top().mode == Mode::kConditional) {
    Append(text_.substr(at_, length));
    at_ += length;
    return EndWord();
  }
  at_ += length;
  if (InPattern()) {
    return;
  }
  EndCommand();
  top().pipe_from = either ? std::nullopt : top().last;
  top().conditional = either;
  if (either) {
    ContinueList(false);
  } else {
    top().pipe_feed = top().group_from ? top().group_from : top().last;
    if (top().command) {  // of the word that ended a group
      LinkPipe(*top().command);
    }
  }
}

void ShellParser::Newline() {
  EndWord();
  ++at_;
  if (top().mode != Mode::kArray) {
    EndCommand();
    EndList();
  }
  if (!here_documents_.empty()) {
    ReadHereDocuments();
  }
}

// An operator of XCU 2.7, or bash's "<(" and ">(". False: a plain character.
bool ShellParser::Redirection() {
  if (top().mode == Mode::kConditional) {
    return false;
  }
  if (Peek(1) == '(') {
    StartWord();
    Push(Closer::kParenthesis, 2);
    return true;
  }
  std::string number;
  Frame& frame = top();
  const std::string& word = frame.word.Reading(0);
  if (frame.in_word && !frame.quoted &&
      std::all_of(word.begin(), word.end(), IsDigit)) {
    number = word;
    frame.word = {};
    frame.in_word = false;
  }
  EndWord();
  static constexpr std::string_view kOperators[] = {
      "<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"};
  for (const std::string_view op : kOperators) {
    if (text_.substr(at_, op.size()) == op) {
      StartWord();  // gives the command its slot and place
      top().in_word = false;
      top().redirection = number + std::string(op);
      at_ += op.size();
      return true;
    }
  }
  return false;
}

}  // namespace assay::facts
