// What a script's own constants make of its expansions: assignments, lists,
// functions, and the output of commands that print what they are told.

#include <algorithm>
#include <utility>

#include "verifier/facts/shell_output.h"
#include "verifier/facts/shell_parser.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxBraces = 256;
constexpr std::size_t kMaxOutputs = 4UL << 20U;
constexpr std::size_t kMaxPipeline = 16;
constexpr std::size_t kMaxCalls = 64;
constexpr std::size_t kMaxBodies = 1UL << 20U;
constexpr std::size_t kMaxFunctions = 1000;

bool IsNameStart(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool IsNameChar(char c) {
  return IsNameStart(c) || (c >= '0' && c <= '9');
}

std::size_t NameLength(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), IsNameChar);
  return static_cast<std::size_t>(end - text.begin());
}

ShellText TextOf(std::string_view text) {
  ShellText value;
  value.Append(text);
  return value;
}

// Everything behind "NAME=" in each reading.
ShellText ValueOf(const ShellText& word, std::size_t from) {
  ShellText value = TextOf(std::string_view(word.Reading(0)).substr(from));
  for (std::size_t i = 1; i < word.readings(); ++i) {
    const std::string_view reading = word.Reading(i);
    value.AddReading(reading.substr(std::min(from, reading.size())));
  }
  if (!word.known()) {
    value.AppendUnknown("");
  }
  return value;
}

bool Declares(std::string_view program) {
  for (const std::string_view name :
       {"export", "local", "readonly", "declare", "typeset"}) {
    if (program == name) {
      return true;
    }
  }
  return false;
}

}  // namespace

// "$name", "$1", "$?"; false: a dollar sign.
bool ShellParser::Parameter() {
  const std::string_view rest = text_.substr(at_ + 1);
  std::size_t length = 1;
  if (!rest.empty() && IsNameStart(rest[0])) {
    length = NameLength(rest);
  } else if (rest.empty() ||
             std::string_view("0123456789@*#?$!-").find(rest[0]) ==
                 std::string_view::npos) {
    return false;
  }
  if (const ShellText* value = values_.Find(rest.substr(0, length))) {
    AppendValue(*value);
  } else {
    top().word.AppendUnknown(text_.substr(at_, length + 1));
  }
  at_ += length + 1;
  return true;
}

// "${...}" on this line and without anything nested; false: as it is written.
bool ShellParser::Braces() {
  const std::string_view rest = text_.substr(at_ + 2, kMaxBraces);
  const std::size_t end = rest.find_first_of("}$`'\"\\{\n");
  if (end == std::string_view::npos || rest[end] != '}') {
    return false;
  }
  const auto value = ExpandBraces(rest.substr(0, end), values_);
  if (!value) {
    return false;
  }
  AppendValue(*value);
  at_ += end + 3;
  return true;
}

void ShellParser::AppendValue(const ShellText& value) {
  StartWord();
  top().word.Append(value);
  top().expanded = top().expanded || !top().in_double;
}

void ShellParser::PushWord(ShellCommand& command, const ShellText& word,
                           bool split) {
  const Frame& frame = top();
  if (command.words.empty()) {
    // Assignments before a command's name are for that command alone.
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 lacks views::reverse
    for (auto it = frame.replaced.rbegin(); it != frame.replaced.rend(); ++it) {
      values_.Restore(it->first, it->second);
    }
  } else if (Declares(command.words[0]) &&
             word.Reading(0).find('=') != std::string::npos) {
    Assign(word);
  } else if (command.words[0] == "read" || command.words[0] == "unset") {
    values_.Forget(word.Reading(0));
  }
  command.known = command.known && word.known();
  auto& others = readings_[*frame.command];
  others.resize(std::max(others.size(), word.readings() - 1), command.words);
  const auto push = [&](std::vector<std::string>& words, std::size_t index) {
    if (!split) {
      words.push_back(word.Reading(index));
      return;
    }
    for (const std::string_view part : Words(word.Reading(index))) {
      words.emplace_back(part);
    }
  };
  for (std::size_t i = 0; i < others.size(); ++i) {
    push(others[i], i + 1);
  }
  if (others.empty()) {
    readings_.erase(*frame.command);
  }
  push(command.words, 0);
}

void ShellParser::Assign(const ShellText& word) {
  Frame& frame = top();
  const std::string_view text = word.Reading(0);
  const std::size_t length = NameLength(text);
  const std::string_view name = text.substr(0, length);
  const std::string_view op = text.substr(length, 2);
  if (name.empty() || (op.substr(0, 1) != "=" && op != "+=")) {
    return values_.Forget(name);
  }
  frame.replaced.emplace_back(name, values_.Saved(name));
  const bool adds = op == "+=";
  ShellText value;
  if (const auto before = values_.Saved(name); adds && before) {
    value.Append(*before);
  } else if (adds) {
    value.AppendUnknown("");
  }
  value.Append(ValueOf(word, length + (adds ? 2 : 1)));
  // What grows in a loop has no end that could be told from here.
  const bool grows =
      frame.loops > 0 &&
      (adds || text_.substr(frame.word_start, at_ - frame.word_start)
                       .find(name, length + 1) != std::string_view::npos);
  if (grows) {
    return values_.Forget(name);
  }
  const bool inside =
      std::any_of(braces_.begin(), braces_.end(),
                  [](const auto& b) { return !b.first.empty(); });
  values_.Learn(name, value,
                frame.branches + frame.loops + frame.cases.size() == 0 &&
                    !frame.conditional && !inside);
}

// Words behind "for": the name, "in", the values. Words of an array.
// NOLINTNEXTLINE(readability-function-cognitive-complexity): a grammar
void ShellParser::TakeListWord(const ShellText& word, bool quoted) {
  Frame& frame = top();
  if (frame.mode != Mode::kHeader && frame.mode != Mode::kArray) {
    return;
  }
  if (frame.listed.empty()) {
    frame.listed = word.Reading(0);
    return;
  }
  if (frame.mode == Mode::kHeader && !frame.list && word.Reading(0) == "in") {
    frame.list.emplace();
    return;
  }
  if (frame.mode == Mode::kArray) {
    if (frame.list) {
      frame.list->Append(" ");
    } else {
      frame.list.emplace();
    }
    frame.list->Append(word);
    return;
  }
  if (!frame.list) {
    return;
  }
  if (!word.known()) {
    frame.list->AppendUnknown("");
    script_.commands[*frame.command].assignments.push_back(frame.listed + "=" +
                                                           word.Reading(0));
  }
  const auto add = [&](std::string_view value) {
    if (frame.list->bytes() == 0) {
      frame.list->Append(value);
    } else {
      frame.list->AddReading(value);
    }
  };
  for (std::size_t i = 0; i < word.readings(); ++i) {
    if (!frame.expanded || quoted) {
      add(word.Reading(i));
      continue;
    }
    for (const std::string_view part :
         Words(word.Reading(i), ShellText::kMaxReadings + 1)) {
      add(part);
    }
  }
}

void ShellParser::AssignList() {
  Frame& frame = top();
  const auto list = std::exchange(frame.list, std::nullopt);
  const std::string name = std::exchange(frame.listed, {});
  const std::string_view plain =
      std::string_view(name).substr(0, NameLength(name));
  if (!list || plain.empty()) {
    return values_.Forget(plain);
  }
  values_.Learn(plain, *list, true);
}

void ShellParser::TakeBrace(bool opens) {
  if (frames_.size() > 1) {
    return;
  }
  if (opens) {
    braces_.emplace_back(std::exchange(defined_, {}), at_);
  } else if (!braces_.empty()) {
    const auto& [name, start] = braces_.back();
    if (!name.empty() && script_.functions.size() < kMaxFunctions) {
      script_.functions[name] = Range{start, top().word_start - start};
    }
    braces_.pop_back();
  }
}

// Follows what the command prints through the pipeline.
void ShellParser::NoteCommand(std::size_t index) {
  Frame& frame = top();
  ShellCommand& command = script_.commands[index];
  const bool piped = std::exchange(frame.piped, false);
  frame.pipelines += piped ? 0U : 1U;
  auto input = piped ? std::exchange(frame.output, std::nullopt) : std::nullopt;
  for (const std::string& redirection : command.redirections) {
    if (redirection.starts_with("<<<")) {
      input = redirection.substr(3) + "\n";
    }
  }
  frame.output.reset();
  if (input && IsShell(ProgramOf(command.words))) {
    command.input = std::move(input);
    return;
  }
  if (!command.known || outputs_ > kMaxOutputs) {
    return;
  }
  frame.output = OutputOf(command.words, input);
  outputs_ += frame.output ? frame.output->size() : 0;
}

// The text of a here-document arrives after its line was read.
void ShellParser::HandOver(std::size_t index, std::string input) {
  for (std::size_t i = 0; i < kMaxPipeline && outputs_ < kMaxOutputs; ++i) {
    ShellCommand& command = script_.commands[index];
    const bool shell = IsShell(ProgramOf(command.words));
    if (shell && i > 0) {
      command.input = std::move(input);
      return;
    }
    const auto output =
        shell || !command.known ? std::nullopt : OutputOf(command.words, input);
    if (!output) {
      return;
    }
    outputs_ += output->size();
    input = *output;
    if (!command.pipe_to) {
      top().output = std::move(input);
      return;
    }
    index = *command.pipe_to;
  }
}

void ShellParser::AddReadings() {
  const std::size_t count = script_.commands.size();
  for (auto& [index, others] : std::exchange(readings_, {})) {
    for (auto& words : others) {
      if (index >= count || words == script_.commands[index].words) {
        continue;
      }
      if (script_.commands.size() >= limit_) {
        script_.truncated = true;
        return;
      }
      ShellCommand other = script_.commands[index];
      other.words = std::move(words);
      script_.commands.push_back(std::move(other));
      // The command before it in a pipeline hands over to this one as well.
      if (index > 0 && script_.commands[index - 1].pipe_to == index &&
          script_.commands.size() < limit_) {
        ShellCommand source = script_.commands[index - 1];
        source.pipe_to = script_.commands.size() - 1;
        script_.commands.push_back(std::move(source));
      }
    }
  }
}

// Functions that are called with constants: their bodies once more, with "$1"
// and its like filled in.
void ShellParser::AddCalls() {
  const std::size_t count = script_.commands.size();
  // Commands that the parameters do not change are there already.
  Places places;
  for (std::size_t i = 0; i < count && !script_.functions.empty(); ++i) {
    places.emplace(script_.commands[i].place.offset, i);
  }
  std::size_t calls = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count && !script_.functions.empty(); ++i) {
    const auto& words = script_.commands[i].words;
    if (words.size() < 2 || !script_.commands[i].known) {
      continue;
    }
    const auto function = script_.functions.find(words[0]);
    if (function == script_.functions.end()) {
      continue;
    }
    bytes += function->second.length;
    if (++calls > kMaxCalls || bytes > kMaxBodies) {
      return;
    }
    AddCall(i, function->second, places);
  }
}

void ShellParser::AddCall(std::size_t index, Range body, const Places& places) {
  ShellParser inner(text_.substr(0, body.offset + body.length),
                    limit_ - std::min(limit_, script_.commands.size()),
                    std::move(values_));
  inner.at_ = body.offset;
  const auto words = script_.commands[index].words;
  std::string all;
  for (std::size_t i = 1; i < words.size(); ++i) {
    inner.values_.Restore(std::to_string(i), TextOf(words[i]));
    AppendWord(all, words[i]);
  }
  inner.values_.Restore("@", TextOf(all));
  inner.values_.Restore("*", TextOf(all));
  inner.Walk();
  inner.AddReadings();
  values_ = std::move(inner.values_);
  const ShellScript script = std::move(inner.script_);
  script_.truncated = script_.truncated || script.truncated;
  std::vector<std::size_t> mapped;
  for (const ShellCommand& command : script.commands) {
    const auto same = places.find(command.place.offset);
    const bool changed = same == places.end() ||
                         script_.commands[same->second].words != command.words;
    mapped.push_back(changed ? script_.commands.size() : same->second);
    if (changed) {
      script_.commands.push_back(command);
      script_.commands.back().guard =
          same == places.end() ? std::nullopt
                               : script_.commands[same->second].guard;
    }
  }
  for (std::size_t i = 0; i < mapped.size(); ++i) {
    ShellCommand& command = script_.commands[mapped[i]];
    const auto& made = script.commands[i];
    command.pipe_to =
        made.pipe_to ? std::optional(mapped[*made.pipe_to]) : command.pipe_to;
    command.within =
        made.within ? std::optional(mapped[*made.within]) : command.within;
    command.feed = made.feed ? std::optional(mapped[*made.feed]) : command.feed;
    command.closes =
        made.closes ? std::optional(mapped[*made.closes]) : command.closes;
  }
}

}  // namespace assay::facts
