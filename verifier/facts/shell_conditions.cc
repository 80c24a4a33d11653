// What the conditions of a shell script compare, and what they let happen.

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "verifier/base/text.h"
#include "verifier/facts/script_value.h"
#include "verifier/facts/script_words.h"
#include "verifier/facts/shell_effects.h"
#include "verifier/facts/shell_follower.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

using Source = ShellSource;

constexpr std::size_t kMaxCondition = 64;
constexpr std::size_t kMaxReach = 8;

bool IsConstant(std::string_view word) {
  return !word.empty() && word.find_first_of("$`") == std::string_view::npos;
}

// Effects as bits, strongest first.
constexpr std::pair<std::string_view, std::string_view> kOpens[] = {
    {"opens", "privilege"},   {"grants", "privilege"},
    {"destroys", "destroys"}, {"stops", "stops"},
    {"disables", "disables"}, {"runs", "code"},
    {"passes", "unverified"}, {"agrees", "success"}};

std::uint32_t BitOf(std::string_view effect) {
  for (std::size_t i = 0; i < std::size(kOpens); ++i) {
    if (kOpens[i].first == effect) {
      return 1U << i;
    }
  }
  return 0;
}

// Whether the clock passes it once: a year, a day, seconds since 1970.
bool IsMoment(std::string_view constant) {
  const auto number = NumberOf(constant);
  if (!number) {
    return std::count_if(constant.begin(), constant.end(),
                         [](char c) { return c >= '0' && c <= '9'; }) >= 3;
  }
  return constant.size() == 4 || constant.size() == 6 ||
         (*number > 1990 && *number < 2200) || *number > 1'000'000;
}

ScriptComparand KindOf(std::string_view constant) {
  ScriptValue value = ConstantText(constant);
  value.number = NumberOf(constant).has_value();
  return ComparandOf(value);
}

std::string_view WithoutMark(std::string_view word) {
  return word.size() > 1 && word[0] == 'x' ? word.substr(1) : word;
}

}  // namespace

// NOLINTNEXTLINE(readability-function-cognitive-complexity): two sides
void ShellFollower::CompareWords(std::size_t index, std::string_view left,
                                 std::string_view right,
                                 Condition& condition) const {
  const bool fixed = IsConstant(right);
  if (fixed == IsConstant(left)) {
    // Neither is known: a sum that was made and one that came along, a machine
    // on a list.
    const Bits both = OfWord(left, index) | OfWord(right, index);
    const bool listed = (both & (Source::kFile | Source::kNetwork)) != 0;
    condition.sources |= fixed    ? Bits{0}
                         : listed ? both & (Source::kDigest | Source::kHost)
                                  : both & Source::kDigest;
    return;
  }
  const std::string_view constant = WithoutMark(fixed ? right : left);
  Bits sources = OfWord(fixed ? left : right, index);
  if (!IsMoment(constant)) {
    sources &= ~Source::kClock;
  }
  if (sources != 0) {
    condition.sources |= sources;
    condition.comparand = std::max(condition.comparand, KindOf(constant));
    ++condition.compared;
  }
}

ShellFollower::Condition ShellFollower::ConditionOfTest(
    std::size_t index) const {
  static constexpr std::array<std::string_view, 13> kOperators = {
      "=",   "==",  "!=", "-eq", "-ne", "-gt", "-ge",
      "-lt", "-le", "=~", "<",   ">",   "\\>"};
  const auto& words = script_.commands[index].words;
  Condition condition;
  for (std::size_t i = program_[index] + 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool compares = std::find(kOperators.begin(), kOperators.end(),
                                    word) != kOperators.end();
    if (compares && i + 1 < words.size() && i > program_[index] + 1) {
      CompareWords(index, words[i - 1], words[i + 1], condition);
      continue;
    }
    if (word.size() != 2 || word[0] != '-' || i + 1 >= words.size()) {
      continue;
    }
    const std::string& operand = words[i + 1];
    if (word[1] == 'n' || word[1] == 'z') {
      constexpr Bits kAnyway =
          Source::kRequest | Source::kNetwork | Source::kMessage;
      condition.sources |= OfWord(operand, index) & kAnyway;
    } else if (std::string_view("efrsxdL").find(word[1]) !=
               std::string_view::npos) {
      const bool hidden = BaseName(operand).starts_with(".");
      condition.sources |=
          (SourceOfPath(operand) & Source::kPlaced) |
          (hidden && operand.size() > 2 ? Source::kPlaced : Bits{0});
    }
  }
  return condition;
}

// "case WORD in PATTERN".
ShellFollower::Condition ShellFollower::ConditionOfCase(
    std::size_t index) const {
  const ShellCommand& command = script_.commands[index];
  Condition condition;
  const std::string& pattern = command.words[3];
  if (pattern.find_first_not_of("*?|") == std::string::npos) {
    return condition;
  }
  Bits sources = OfWord(command.words[1], index);
  if (command.closes && *command.closes < inner_.size()) {
    sources |= inner_[*command.closes];
  }
  if (!IsMoment(pattern)) {
    sources &= ~Source::kClock;
  }
  if (sources == 0) {
    return condition;
  }
  condition.sources = sources;
  condition.compared = 1;
  for (const std::string_view one : Split(pattern, '|')) {
    const std::size_t from = one.find_first_not_of('*');
    const std::size_t end = one.find_last_not_of('*');
    if (from != std::string_view::npos) {
      condition.comparand = std::max(condition.comparand,
                                     KindOf(one.substr(from, end - from + 1)));
    }
  }
  return condition;
}

ShellFollower::Condition ShellFollower::ConditionOf(std::size_t index) {
  const ShellCommand& command = script_.commands[index];
  if (program_[index] >= command.words.size()) {
    return {};
  }
  const std::string_view program = ProgramAt(index);
  if (program == "[" || program == "test" || program == "[[") {
    return ConditionOfTest(index);
  }
  if (command.words.size() == 4 && command.words[0] == "case") {
    return ConditionOfCase(index);
  }
  Condition condition;
  condition.sources = CheckedBy(command.words, program_[index]);
  if (const Function* called = Called(index)) {
    condition.sources |= called->condition;
    condition.comparand = called->comparand;
    return condition;
  }
  if (program == "grep" || program == "egrep" || program == "fgrep") {
    const Bits sources = flow_.commands[index].tells & ~Source::kClock;
    condition.sources |= sources;
    for (const std::string& word : command.words) {
      if (sources != 0 && IsConstant(word) && word[0] != '-') {
        condition.comparand = std::max(condition.comparand, KindOf(word));
        condition.compared = 1;
      }
    }
  }
  return condition;
}

ShellFollower::Condition ShellFollower::ConditionOfGuard(
    const ShellGuard& guard) {
  Condition all;
  const std::size_t end = std::min(guard.end, script_.commands.size());
  const std::size_t from =
      std::max(guard.first, end - std::min(end, kMaxCondition));
  for (std::size_t i = from; i < end; ++i) {
    const auto within = script_.commands[i].within;
    if (within && *within >= guard.first && *within < guard.end) {
      continue;
    }
    const Condition one = ConditionOf(i);
    all.sources |= one.sources;
    all.comparand = std::max(all.comparand, one.comparand);
    all.compared += one.compared;
  }
  return all;
}

void ShellFollower::JudgeGuards() {
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < script_.commands.size(); ++i) {
      if (function_[i] != kNoFunction) {
        const Condition one = ConditionOf(i);
        Function& function = functions_[function_[i]];
        function.condition |= one.sources;
        function.comparand = std::max(function.comparand, one.comparand);
      }
    }
  }
  for (const ShellGuard& guard : script_.guards) {
    conditions_.push_back(ConditionOfGuard(guard));
    const Bits outer = guard.outer && *guard.outer < guarded_.size()
                           ? guarded_[*guard.outer]
                           : Bits{0};
    guarded_.push_back(conditions_.back().sources | outer);
  }
}

// A function is gated when all its calls are.
void ShellFollower::JudgeFunctions() {
  for (std::size_t round = 0; round < 3; ++round) {
    for (Function& function : functions_) {
      function.called = function.open = false;
    }
    for (std::size_t i = 0; i < script_.commands.size(); ++i) {
      Function* called = Called(i);
      if (called == nullptr) {
        continue;
      }
      const auto guard = script_.commands[i].guard;
      Bits gate = guard ? guarded_[*guard] : Bits{0};
      gate |=
          function_[i] == kNoFunction ? Bits{0} : functions_[function_[i]].gate;
      called->called = true;
      called->open = called->open || gate == 0;
      called->gate |= gate;
    }
    for (Function& function : functions_) {
      function.gate = function.open ? Bits{0} : function.gate;
    }
  }
}

// Where the commands come from that a command runs: a text, a file, its input.
// A text of the script's own with a value in it is the script's own.
ShellFollower::Bits ShellFollower::CodeOf(std::size_t index) const {
  const auto& words = script_.commands[index].words;
  const std::size_t at = program_[index];
  const auto of_text = [&](const std::string& word) {
    return IsConstant(word.substr(0, 1)) ? Bits{0} : OfWord(word, index);
  };
  const auto of_file = [&](const std::string& word) {
    return OfFiles(word) | of_text(word) |
           (SourceOfPath(word) & Source::kPlaced);
  };
  if (words[at][0] == '$') {
    return OfWord(words[at], index);
  }
  if (words[at] == "eval") {
    return at + 1 < words.size() ? of_text(words[at + 1]) : Bits{0};
  }
  const std::string_view program = BaseName(words[at]);
  if (program == "sed" || program == "find" || program.ends_with("awk")) {
    Bits bits = InputOf(index);  // commands made of what they read or find
    for (std::size_t i = at + 1; i < words.size(); ++i) {
      bits |= of_text(words[i]);
    }
    return bits;
  }
  for (std::size_t i = at + 1; i < words.size(); ++i) {
    const bool text = HasShortOption(words[i], 'c') || words[i] == "-e";
    if (text && i + 1 < words.size()) {
      return of_text(words[i + 1]);
    }
    if (!words[i].empty() && words[i][0] != '-') {
      const bool list = program == "xargs";
      return list ? InputOf(index) : of_file(words[i]);
    }
  }
  return InputOf(index) | OfFiles(words[at]);
}

void ShellFollower::JudgeCommands() {
  Bits checked = 0;
  for (std::size_t i = 0; i < script_.commands.size(); ++i) {
    const ShellCommand& command = script_.commands[i];
    ShellMeaning& meaning = flow_.commands[i];
    std::vector<std::string> words;
    for (const std::string& word : command.words) {
      words.push_back(words.size() == program_[i] ? word : Resolved(word));
    }
    meaning.does = EffectOf(words, program_[i], command.redirections);
    meaning.tells |= given_ & Source::kRequest;
    if (meaning.does.empty() && program_[i] < command.words.size()) {
      const Bits own = OfFiles(command.words[program_[i]]);
      meaning.does = (own & (Source::kNetwork | Source::kRequest)) != 0
                         ? "runs"
                         : std::string_view();
    }
    const Bits inside =
        function_[i] == kNoFunction ? Bits{0} : functions_[function_[i]].gate;
    if (meaning.does == "runs" && program_[i] < command.words.size()) {
      meaning.tells = CodeOf(i);
    }
    meaning.gate = around_ | checked | inside |
                   (command.guard ? guarded_[*command.guard] : Bits{0});
    if (strict_ && program_[i] < command.words.size()) {
      checked |= CheckedBy(command.words, program_[i]);
    }
    if (function_[i] != kNoFunction) {
      functions_[function_[i]].effects |= BitOf(meaning.does);
    }
  }
}

// A return from a function, or the script's end, that says yes; before a
// signature was checked, when the function or script would check one.
std::uint32_t ShellFollower::Agreement(std::size_t index) const {
  const auto& words = script_.commands[index].words;
  const bool leaves = !words.empty() && words.size() <= 2 &&
                      (words[0] == "return" || words[0] == "exit");
  if (!leaves || (words.size() == 2 && words[1] != "0")) {
    return 0;
  }
  const bool checks =
      function_[index] != kNoFunction &&
      (functions_[function_[index]].condition & Source::kSignature) != 0;
  return BitOf(checks ? "passes" : "agrees");
}

void ShellFollower::AddGates() {
  effects_.assign(script_.guards.size(), 0);
  for (std::size_t i = 0; i < script_.commands.size(); ++i) {
    const Function* called = Called(i);
    const std::uint32_t effects = BitOf(flow_.commands[i].does) | Agreement(i) |
                                  (called == nullptr ? 0U : called->effects);
    auto guard = script_.commands[i].guard;
    for (std::size_t reach = 0; guard && effects != 0 && reach < kMaxReach;
         ++reach) {
      effects_[*guard] |= effects;
      guard = script_.guards[*guard].outer;
    }
  }
  for (std::size_t i = 0; i < script_.guards.size(); ++i) {
    const Condition& condition = conditions_[i];
    if (effects_[i] == 0 || condition.sources == 0 ||
        script_.guards[i].first >= script_.commands.size()) {
      continue;
    }
    const ShellCommand& first = script_.commands[script_.guards[i].first];
    std::size_t effect = 0;
    while ((effects_[i] & (1U << effect)) == 0) {
      ++effect;
    }
    constexpr Bits kAsked =
        Source::kRequest | Source::kCredential | Source::kInput;
    if (kOpens[effect].second == "success" &&
        (condition.sources & kAsked) == 0) {
      continue;  // nobody asked to be let in
    }
    flow_.gates.push_back({.sources = condition.sources,
                           .comparand = condition.comparand,
                           .opens = kOpens[effect].second,
                           .compared = condition.compared,
                           .place = first.place,
                           .line = first.line});
  }
}

}  // namespace assay::facts
