// Which program a simple command runs, and what it is told to run in turn.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay::facts {

// Index of the word that names the program: behind assignments and behind
// wrappers that run their operands (sudo, env, exec, busybox, nohup ...).
// words.size() when there is none.
[[nodiscard]] std::size_t ProgramIndex(const std::vector<std::string>& words);
// The base name of that word; "$(...)" when a substitution gives the name; ""
// when there is none.
[[nodiscard]] std::string ProgramOf(const std::vector<std::string>& words);

// The same as a part of that word: no copy, and a substitution as it stands.
[[nodiscard]] std::string_view ProgramIn(const std::vector<std::string>& words);

[[nodiscard]] inline bool Is(std::string_view text,
                             std::initializer_list<std::string_view> others) {
  return std::find(others.begin(), others.end(), text) != others.end();
}

// The text that a command hands to a shell as an argument: sh -c TEXT,
// su -c TEXT, eval TEXT, trap TEXT SIGNAL.
[[nodiscard]] std::optional<std::string> ScriptArgument(
    const std::vector<std::string>& words);
[[nodiscard]] bool IsShell(std::string_view program);

// Whether `word` is a cluster of short options that holds `letter` ("-lvp").
[[nodiscard]] bool HasShortOption(std::string_view word, char letter);
// The value of a short option after index `from`: "-p 23", "-p23", "-lp 23".
[[nodiscard]] std::optional<std::string_view> OptionValue(
    const std::vector<std::string>& words, std::size_t from, char letter);

}  // namespace assay::facts
