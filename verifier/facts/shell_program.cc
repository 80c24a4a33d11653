#include "verifier/facts/shell_program.h"

#include <algorithm>
#include <array>

#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

// A program that runs its operands: its options that take a value, and how
// many operands stand before the program.
struct Wrapper {
  std::string_view name;
  std::string_view valued;
  std::size_t operands;
};

constexpr Wrapper kWrappers[] = {
    {"exec", "a", 0},         {"nohup", "", 0},          {"setsid", "", 0},
    {"command", "", 0},       {"builtin", "", 0},        {"busybox", "", 0},
    {"toybox", "", 0},        {"time", "fo", 0},         {"env", "uCS", 0},
    {"sudo", "ugCDhpRTU", 0}, {"doas", "uC", 0},         {"nice", "n", 0},
    {"ionice", "cnp", 0},     {"stdbuf", "ioe", 0},      {"timeout", "ks", 1},
    {"chrt", "TPDp", 1},      {"chroot", "", 1},         {"taskset", "c", 1},
    {"service_start", "", 0}, {"start_daemon", "np", 0}, {"daemon", "", 0},
};

bool IsEnvironment(std::string_view word) {
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         word.find_first_of("/$\"' ") > equals && word[0] != '-';
}

// The index behind a wrapper's own options and operands.
std::size_t Behind(const Wrapper& wrapper,
                   const std::vector<std::string>& words, std::size_t at) {
  std::size_t operands = wrapper.operands;
  for (++at; at < words.size(); ++at) {
    const std::string_view word = words[at];
    if (word == "--") {
      continue;
    }
    if (word.size() > 1 && word[0] == '-') {
      const bool valued = word.size() == 2 && wrapper.valued.find(word[1]) !=
                                                  std::string_view::npos;
      at += valued ? 1 : 0;
      continue;
    }
    if (IsEnvironment(word)) {
      continue;
    }
    if (operands == 0) {
      return at;
    }
    --operands;
  }
  return words.size();
}

// start-stop-daemon(8): the program stands behind -x or -a.
std::optional<std::size_t> StartStopDaemon(
    const std::vector<std::string>& words, std::size_t at) {
  for (; at + 1 < words.size(); ++at) {
    for (const std::string_view option : {"-x", "--exec", "-a", "--startas"}) {
      if (words[at] == option) {
        return at + 1;
      }
    }
    if (words[at].size() > 2 && words[at][0] == '-' && words[at][1] != '-' &&
        words[at].back() == 'x') {
      return at + 1;  // busybox style "-S -bx prog"
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view ProgramIn(const std::vector<std::string>& words) {
  const std::size_t at = ProgramIndex(words);
  return at < words.size() ? BaseName(words[at]) : std::string_view();
}

std::size_t ProgramIndex(const std::vector<std::string>& words) {
  std::size_t at = 0;
  while (at < words.size()) {
    if (IsEnvironment(words[at])) {
      ++at;
      continue;
    }
    const std::string_view name = BaseName(words[at]);
    if (name == "command" && at + 1 < words.size() &&
        (words[at + 1] == "-v" || words[at + 1] == "-V")) {
      return at;  // only asks where the program is
    }
    if (name == "start-stop-daemon") {
      return StartStopDaemon(words, at).value_or(at);
    }
    if (name == "procd_set_param" && at + 2 < words.size() &&
        words[at + 1] == "command") {
      return at + 2;
    }
    const auto* wrapper =
        std::find_if(std::begin(kWrappers), std::end(kWrappers),
                     [&](const Wrapper& known) { return known.name == name; });
    if (wrapper == std::end(kWrappers)) {
      return at;
    }
    const std::size_t next = Behind(*wrapper, words, at);
    if (next >= words.size()) {
      return at;  // "exec >log", "busybox --install": the wrapper itself
    }
    at = next;
  }
  return at;
}

std::string ProgramOf(const std::vector<std::string>& words) {
  const std::size_t at = ProgramIndex(words);
  if (at >= words.size()) {
    return {};
  }
  const std::string_view word = words[at];
  if (word.substr(0, 2) == "$(" || word.substr(0, 1) == "`") {
    return "$(...)";
  }
  const bool variable = word.substr(0, 2) == "${" && word.back() == '}';
  return std::string(variable ? word : BaseName(word));
}

bool IsShell(std::string_view program) {
  static constexpr std::array<std::string_view, 8> kShells = {
      "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "hush"};
  return std::find(kShells.begin(), kShells.end(), program) != kShells.end();
}

bool HasShortOption(std::string_view word, char letter) {
  return word.size() > 1 && word[0] == '-' && word[1] != '-' &&
         word.find(letter) != std::string_view::npos;
}

std::optional<std::string_view> OptionValue(
    const std::vector<std::string>& words, std::size_t from, char letter) {
  for (std::size_t i = from + 1; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word.size() < 2 || word[0] != '-' || word[1] == '-') {
      continue;
    }
    if (word[1] == letter && word.size() > 2) {
      return word.substr(2);
    }
    if (word.back() == letter && i + 1 < words.size()) {
      return words[i + 1];
    }
  }
  return std::nullopt;
}

std::optional<std::string> ScriptArgument(
    const std::vector<std::string>& words) {
  const std::size_t at = ProgramIndex(words);
  if (at >= words.size()) {
    return std::nullopt;
  }
  const std::string_view program = BaseName(words[at]);
  if (program == "eval") {
    std::string text;
    for (std::size_t i = at + 1; i < words.size(); ++i) {
      AppendWord(text, words[i]);
    }
    return text;
  }
  if (program == "trap" && at + 2 < words.size() && words[at + 1] != "-") {
    return words[at + 1];
  }
  if (!IsShell(program) && program != "su" && program != "runuser") {
    return std::nullopt;
  }
  for (std::size_t i = at + 1; i + 1 < words.size(); ++i) {
    if (HasShortOption(words[i], 'c') || words[i] == "--command") {
      return words[i + 1];
    }
  }
  return std::nullopt;
}

}  // namespace assay::facts
