// Origins: from commands to names, files and functions, and back.

#include "verifier/facts/shell_flow.h"

#include <algorithm>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/shell_effects.h"
#include "verifier/facts/shell_follower.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Source = ShellSource;

constexpr std::size_t kRounds = 4;
constexpr std::size_t kMaxNames = 4096;
constexpr std::size_t kMaxFiles = 64;
constexpr std::size_t kMaxFeed = 256;
constexpr std::size_t kShortestFile = 3;
constexpr std::size_t kMaxText = 256;

bool IsNameChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         (c >= '0' && c <= '9');
}

std::size_t NameLength(std::string_view text) {
  return static_cast<std::size_t>(
      std::find_if_not(text.begin(), text.end(), IsNameChar) - text.begin());
}

// Calls `see` with each name behind a dollar sign.
template <typename See>
void ForEachName(std::string_view word, See see) {
  for (std::size_t at = word.find('$'); at < word.size();
       at = word.find('$', at)) {
    ++at;
    at += at < word.size() && word[at] == '{' ? 1U : 0U;
    const std::string_view rest = word.substr(std::min(at, word.size()));
    const bool all = !rest.empty() && (rest[0] == '@' || rest[0] == '*');
    const std::size_t length = all ? 1 : NameLength(rest);
    if (length > 0) {
      see(rest.substr(0, length));
    }
    at += length;
  }
}

bool IsPositional(std::string_view name) {
  return name == "@" || name == "*" || (name[0] >= '0' && name[0] <= '9');
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Whether `word` has `path` in it as a path of its own.
bool NamesPath(std::string_view word, std::string_view path) {
  for (std::size_t at = word.find(path); at < word.size();
       at = word.find(path, at + 1)) {
    const std::size_t end = at + path.size();
    const bool begins = at == 0 || !IsNameChar(word[at - 1]);
    if (begins && (end == word.size() || !IsNameChar(word[end]))) {
      return true;
    }
  }
  return false;
}

// Reads its input when nobody names a file: what whoever runs the script gives.
bool Listens(std::string_view program) {
  constexpr std::string_view kReaders[] = {
      "cat", "read",    "dd",       "head",    "tail",  "sed",     "awk",
      "tr",  "cut",     "grep",     "egrep",   "xargs", "base64",  "xxd",
      "tee", "jq",      "gunzip",   "formail", "gawk",  "busybox", "openssl",
      "rev", "tac",     "sh",       "bash",    "ash",   "dash",    "sort",
      "xz",  "mapfile", "readarray"};
  return std::find(std::begin(kReaders), std::end(kReaders), program) !=
         std::end(kReaders);
}

}  // namespace

ShellFlow FollowShell(const ShellScript& script, ShellSource::Bits around,
                      ShellSource::Bits given) {
  return ShellFollower(script, around, given).Follow();
}

ShellFollower::ShellFollower(const ShellScript& script, Bits around, Bits given)
    : script_(script), around_(around), given_(given) {
  const std::size_t count = script.commands.size();
  program_.resize(count);
  function_.assign(count, kNoFunction);
  inner_.resize(count);
  fed_.resize(count);
  output_.resize(count);
  flow_.commands.resize(count);
}

ShellFlow ShellFollower::Follow() {
  Prepare();
  for (round_ = 0; round_ < kRounds; ++round_) {
    Round();
  }
  JudgeGuards();
  JudgeFunctions();
  JudgeCommands();
  AddGates();
  return std::move(flow_);
}

void ShellFollower::Prepare() {
  for (const auto& [name, body] : script_.functions) {
    functions_.push_back({.name = name, .body = body});
  }
  std::sort(functions_.begin(), functions_.end(),
            [](const Function& a, const Function& b) {
              return a.body.offset < b.body.offset;
            });
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    by_name_.emplace(functions_[i].name, i);
  }
  bool bound = false;
  bool unbound = false;
  for (std::size_t i = 0; i < script_.commands.size(); ++i) {
    const ShellCommand& command = script_.commands[i];
    program_[i] = ProgramIndex(command.words);
    const auto behind = std::upper_bound(
        functions_.begin(), functions_.end(), command.place.offset,
        [](std::uint64_t offset, const Function& function) {
          return offset < function.body.offset;
        });
    if (behind != functions_.begin() &&
        command.place.offset < std::prev(behind)->body.end()) {
      function_[i] =
          static_cast<std::size_t>(std::prev(behind) - functions_.begin());
    }
    for (const std::string& word : command.words) {
      serves_ = serves_ || Contains(word, "QUERY_STRING") ||
                Contains(word, "REQUEST_METHOD") ||
                Contains(word, "CONTENT_LENGTH");
    }
    const bool branch = command.words.size() == 4 && command.words[0] == "case";
    // udhcpc(8) calls its script with the lease in the environment.
    bound = bound || (branch && Contains(command.words[3], "bound"));
    unbound = unbound || (branch && Contains(command.words[3], "deconfig"));
    strict_ =
        strict_ || (command.words.size() > 1 && command.words[0] == "set" &&
                    HasShortOption(command.words[1], 'e'));
  }
  leased_ = bound && unbound;
}

std::string_view ShellFollower::ProgramAt(std::size_t index) const {
  const auto& words = script_.commands[index].words;
  const std::size_t at = program_[index];
  return at < words.size() ? BaseName(words[at]) : std::string_view();
}

ShellFollower::Function* ShellFollower::Called(std::size_t index) {
  const auto& words = script_.commands[index].words;
  const std::size_t at = program_[index];
  if (at >= words.size()) {
    return nullptr;
  }
  const auto found = by_name_.find(std::string_view(words[at]));
  return found == by_name_.end() ? nullptr : &functions_[found->second];
}

void ShellFollower::Round() {
  for (std::size_t i = 0; i < script_.commands.size(); ++i) {
    FollowCommand(i);
  }
}

ShellFollower::Bits ShellFollower::OfName(std::string_view name,
                                          std::size_t index) const {
  if (IsPositional(name)) {
    return function_[index] == kNoFunction ? given_
                                           : functions_[function_[index]].given;
  }
  const auto found = names_.find(name);
  if (found != names_.end()) {
    return found->second | (SourceOfVariable(name) & Source::kCredential);
  }
  const Bits known = SourceOfVariable(name);
  const bool lower = name[0] >= 'a' && name[0] <= 'z';
  const Bits unset =
      leased_ && lower ? Source::kNetwork | Source::kMessage : given_;
  return known == 0 ? unset : known;
}

ShellFollower::Bits ShellFollower::OfFiles(std::string_view word) const {
  Bits bits = 0;
  for (const auto& [path, sources] : files_) {
    if (NamesPath(word, path)) {
      bits |= sources;
    }
  }
  return bits;
}

ShellFollower::Bits ShellFollower::OfWord(std::string_view word,
                                          std::size_t index) const {
  Bits bits = 0;
  ForEachName(word,
              [&](std::string_view name) { bits |= OfName(name, index); });
  const bool substituted =
      Contains(word, "$(") || Contains(word, "`") || Contains(word, "<(");
  return bits | (substituted ? inner_[index] : Bits{0});
}

ShellFollower::Bits ShellFollower::InputOf(std::size_t index) const {
  const ShellCommand& command = script_.commands[index];
  Bits bits = fed_[index];
  if (command.feed && *command.feed < index) {
    const std::size_t from =
        std::max(*command.feed, index - std::min(index, kMaxFeed));
    for (std::size_t i = from; i < index; ++i) {
      bits |= script_.commands[i].within == command.within ? output_[i] : 0;
    }
  }
  for (const std::string& redirection : command.redirections) {
    const std::size_t start = redirection.find('<');
    if (start == std::string::npos || Contains(redirection, "<<-")) {
      continue;
    }
    const std::string_view from = std::string_view(redirection).substr(start);
    const Bits file = Contains(from, "<<") ? Bits{0} : Source::kFile;
    bits |= OfWord(from, index) | OfFiles(from) | SourceOfPath(from) | file;
  }
  const bool open = bits == 0 && given_ != 0 && !command.feed;
  return open && Listens(ProgramAt(index)) ? given_ : bits;
}

// What the words behind the program's name are made of, or name.
ShellFollower::Bits ShellFollower::OfOperands(std::size_t index) const {
  const ShellCommand& command = script_.commands[index];
  const std::string_view program = ProgramAt(index);
  const bool reads = ReadsFiles(program);
  Bits bits = 0;
  for (std::size_t i = program_[index]; i < command.words.size(); ++i) {
    const std::string_view word = command.words[i];
    const bool path = Contains(word, "/") || word.starts_with("$");
    bits |= OfWord(word, index) | OfFiles(word);
    if (reads && path) {
      const bool content = i > program_[index] && !Contains(word, "://");
      bits |= SourceOfPath(word) | (content ? Source::kFile : Bits{0});
    }
  }
  return bits;
}

void ShellFollower::FollowCommand(std::size_t index) {
  const ShellCommand& command = script_.commands[index];
  const Bits input = InputOf(index);
  if (command.closes && *command.closes < fed_.size()) {
    fed_[*command.closes] |= input;
  }
  for (const std::string& assignment : command.assignments) {
    Assign(assignment, inner_[index], index);
  }
  const std::size_t at = program_[index];
  if (at >= command.words.size()) {
    return;
  }
  const std::string_view program = ProgramAt(index);
  const Bits operands = OfOperands(index);
  const bool starved = input == 0 && serves_ && !command.feed &&
                       (program == "cat" || program == "dd" ||
                        program == "head" || program == "read");
  const Bits taken = input | (starved ? Source::kRequest : Bits{0});
  AssignWords(index, taken);
  Bits output = SourceOfProgram(command.words, at) | operands | taken;
  if (Function* called = Called(index)) {
    called->given |= operands;
    output |= called->output;
  }
  flow_.commands[index].tells = operands | taken;
  Write(index, output);
  output_[index] = Hushes(program) ? Bits{0} : output;
  if (command.within && !command.pipe_to) {
    inner_[*command.within] |= output_[index];
  }
  if (function_[index] != kNoFunction && !command.within && !command.pipe_to) {
    functions_[function_[index]].output |= output_[index];
  }
}

void ShellFollower::Assign(std::string_view assignment, Bits inner,
                           std::size_t index) {
  const std::string_view name = assignment.substr(0, NameLength(assignment));
  if (name.empty() || names_.size() >= kMaxNames) {
    return;
  }
  const std::string_view value =
      assignment.substr(std::min(assignment.find('='), assignment.size()));
  Bits bits = OfWord(value, index) | (Contains(value, "$") ? inner : Bits{0}) |
              (Contains(value, "`") ? inner : Bits{0});
  if (value.size() > 1 && value.size() < kMaxText) {
    texts_.emplace(name, value.substr(1));
  }
  Bits& known = names_[std::string(name)];
  const bool grows =
      Contains(value, "+") && value.find(name) != std::string_view::npos;
  if (grows && (known & Source::kFile) != 0) {
    bits |= Source::kCounter;
  }
  known |= bits;
}

// read(1), and what declares names.
void ShellFollower::AssignWords(std::size_t index, Bits input) {
  const ShellCommand& command = script_.commands[index];
  const std::string& program = command.words[program_[index]];
  const bool reads = program == "read";
  if (!reads && program != "export" && program != "local" &&
      program != "declare" && program != "readonly" && program != "typeset") {
    return;
  }
  for (std::size_t i = program_[index] + 1; i < command.words.size(); ++i) {
    const std::string& word = command.words[i];
    if (!reads && Contains(word, "=")) {
      Assign(word, inner_[index], index);
    } else if (reads && !word.empty() && word[0] != '-' &&
               names_.size() < kMaxNames && NameLength(word) == word.size()) {
      // What comes from further down is known from the third round on.
      const bool typed = input == 0 && round_ > 1;
      names_[word] |= typed ? Source::kInput : input;
    }
  }
}

// The word with its first name as the script sets it, known in part.
std::string ShellFollower::Resolved(const std::string& word) const {
  const std::size_t dollar = word.find('$');
  if (dollar == std::string::npos || dollar + 1 == word.size()) {
    return word;
  }
  const bool braces = word[dollar + 1] == '{';
  const std::string_view rest =
      std::string_view(word).substr(dollar + (braces ? 2 : 1));
  const std::size_t length = NameLength(rest);
  const std::string_view tail = rest.substr(length);
  const auto known = texts_.find(rest.substr(0, length));
  if (known == texts_.end() || (braces && !tail.starts_with("}"))) {
    return word;
  }
  return word.substr(0, dollar) + known->second +
         std::string(tail.substr(braces ? 1 : 0));
}

void ShellFollower::Write(std::size_t index, Bits output) {
  const ShellCommand& command = script_.commands[index];
  std::string path(
      WrittenBy(command.words, program_[index], command.redirections));
  if (path.starts_with("${") && path.find(":=") != std::string::npos) {
    path = "$" + path.substr(2, path.find(":=") - 2);  // named from now on
  }
  const Bits kept = output & ~Source::kFile;
  if (kept == 0 || path.size() < kShortestFile || path.starts_with("/dev/")) {
    return;
  }
  const auto found = files_.find(path);
  if (found != files_.end()) {
    found->second |= kept;
  } else if (files_.size() < kMaxFiles) {
    files_.emplace(path, kept);
  }
}

}  // namespace assay::facts
