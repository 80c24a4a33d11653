// Which conditions decide about a command: compound commands, && and ||, and
// what leaves a list before its end ("test ... || exit").

#include <algorithm>
#include <string>
#include <utility>

#include "verifier/facts/shell_parser.h"

namespace assay::facts {

std::optional<std::size_t> ShellParser::Guard() const {
  const Frame& frame = frames_.back();
  return frame.pending ? frame.pending : frame.guard;
}

// Of the command that comes, or whose first word is being read.
std::size_t ShellParser::NextIndex() const {
  return frames_.back().command.value_or(script_.commands.size());
}

std::optional<std::size_t> ShellParser::AddGuard(
    std::size_t first, std::size_t end, bool holds,
    std::optional<std::size_t> outer) {
  if (first >= end || script_.guards.size() >= limit_) {
    return outer;
  }
  script_.guards.push_back({first, end, holds, outer});
  return script_.guards.size() - 1;
}

// The guard of what runs when `guard`, and nothing else, is not as it is.
std::optional<std::size_t> ShellParser::Otherwise(
    std::optional<std::size_t> guard, std::optional<std::size_t> outer) {
  if (!guard) {
    return outer;
  }
  const ShellGuard known = script_.guards[*guard];
  return AddGuard(known.first, known.end, !known.holds, outer);
}

void ShellParser::TakeGuardWord(const std::string& word) {
  static constexpr std::pair<std::string_view, char> kOpeners[] = {
      {"if", 'i'},     {"while", 'w'}, {"until", 'w'}, {"for", 'f'},
      {"select", 'f'}, {"case", 'c'},  {"{", '{'}};
  for (const auto& [name, kind] : kOpeners) {
    if (word == name) {
      BeginLevel(kind == '{' && !defined_.empty() ? 'F' : kind);
    }
  }
  if (word == "then" || word == "do") {
    BeginBody();
  } else if (word == "else" || word == "elif") {
    Alternative(word == "elif");
  } else if (word == "fi") {
    EndLevel("i");
  } else if (word == "done") {
    EndLevel("wf");
  } else if (word == "esac") {
    EndLevel("c");
  } else if (word == "}") {
    EndLevel("{F");
  }
}

void ShellParser::BeginLevel(char kind) {
  Frame& frame = top();
  Level level{.kind = kind,
              .from = NextIndex(),
              .outer = frame.guard,
              .base = Guard(),
              .list_from = frame.list_from};
  if (kind == '{' || kind == '(') {
    level.own = frame.pending;
  }
  if (kind == 'F') {
    level.base.reset();  // who calls it decides
  }
  frame.guard = level.base;
  frame.pending.reset();
  frame.leave.reset();
  frame.list_from.reset();
  frame.expects = false;
  frame.levels.push_back(level);
}

void ShellParser::BeginBody() {
  Frame& frame = top();
  if (frame.levels.empty()) {
    return;
  }
  Level& level = frame.levels.back();
  if (level.kind == 'i' || level.kind == 'w') {
    level.own = AddGuard(level.from, NextIndex(), true, level.base);
    frame.guard = level.own;
  }
}

// `condition`: another one follows.
void ShellParser::Alternative(bool condition) {
  Frame& frame = top();
  if (frame.levels.empty() || frame.levels.back().kind != 'i') {
    return;
  }
  Level& level = frame.levels.back();
  frame.guard = Otherwise(level.own, level.base);
  if (condition) {
    level.base = frame.guard;
    level.from = NextIndex();
  }
}

void ShellParser::EndLevel(std::string_view kinds) {
  Frame& frame = top();
  if (frame.levels.empty() ||
      kinds.find(frame.levels.back().kind) == std::string_view::npos) {
    return;
  }
  const Level level = frame.levels.back();
  frame.levels.pop_back();
  constexpr std::string_view kChoices = "ic{";
  const bool left = level.leaves && kChoices.find(level.kind) != kChoices.npos;
  frame.guard = left ? Otherwise(level.own, level.outer) : level.outer;
  if (level.kind == 'F' && level.leaves && !braces_.empty()) {
    leaving_.insert(braces_.back().first);
  }
  frame.pending.reset();
  frame.leave.reset();
  frame.list_from = level.list_from.value_or(level.from);
  frame.group_from = level.from;
  if (level.kind != 'c' && level.kind != 'i') {
    frame.closed = level.from;
  }
}

void ShellParser::BeginBranch(std::size_t slot) {
  Frame& frame = top();
  if (frame.levels.empty() || frame.levels.back().kind != 'c') {
    return;
  }
  Level& level = frame.levels.back();
  // When a branch leaves, the rest depends on what the first one asks.
  frame.guard = AddGuard(slot, slot + 1, true, level.base);
  level.own = level.own ? level.own : frame.guard;
}

void ShellParser::EndBranch() {
  Frame& frame = top();
  if (!frame.levels.empty() && frame.levels.back().kind == 'c') {
    frame.guard = frame.levels.back().base;
  }
}

void ShellParser::BeginGuarded(ShellCommand& command) {
  Frame& frame = top();
  command.guard = Guard();
  if (!frame.list_from) {
    frame.list_from = frame.command;
  }
  frame.expects = false;
  frame.group_from.reset();
  frame.closed.reset();
}

// What comes behind "test || exit" runs only if the test holds.
void ShellParser::NoteLeaving(const ShellCommand& command) {
  static constexpr std::string_view kLeaving[] = {"return", "continue",
                                                  "break"};
  Frame& frame = top();
  const std::string& word = command.words[0];
  const bool ends = word == "exit" || leaving_.count(word) > 0;
  if (!ends && std::find(std::begin(kLeaving), std::end(kLeaving), word) ==
                   std::end(kLeaving)) {
    return;
  }
  if (frame.pending) {
    frame.leave = frame.pending;
  } else if (!frame.levels.empty() &&
             (ends || frame.levels.back().kind != 'F')) {
    frame.levels.back().leaves = true;
  }
}

// Behind && (`holds`) or ||.
void ShellParser::ContinueList(bool holds) {
  Frame& frame = top();
  frame.pending = AddGuard(frame.list_from.value_or(script_.commands.size()),
                           script_.commands.size(), holds, frame.guard);
  frame.expects = true;
}

void ShellParser::EndList() {
  Frame& frame = top();
  if (frame.expects) {
    return;  // the line ends, the list does not
  }
  if (frame.leave) {
    frame.guard = Otherwise(frame.leave, frame.guard);
  }
  frame.leave.reset();
  frame.pending.reset();
  frame.list_from.reset();
}

}  // namespace assay::facts
