// Shell scripts as simple commands. A single pass over the text that follows
// the token rules of POSIX XCU chapter 2 (quoting, here-documents, compound
// commands, substitutions) with the extensions of bash that change where a
// command ends: [[ ]], (( )), $'...', <( ), &>. Expansions are replaced where
// the script itself tells what they give (constants, lists of "for", what echo,
// printf and decoders print); everything else stays as it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/facts/shell_values.h"

namespace assay::facts {

// A condition that decides whether commands run: of if, while, case, && and ||,
// or of an early exit before them.
struct ShellGuard {
  // The condition's commands, by their indexes into the script.
  std::size_t first = 0;
  std::size_t end = 0;
  bool holds = true;                      // false: runs when it does not hold
  std::optional<std::size_t> outer = {};  // the guard around it, before it
};

struct ShellCommand {
  // Quotes removed, unknown expansions verbatim ("$HOME", "$(id -u)"). Empty
  // when the command is nothing but assignments or redirections.
  std::vector<std::string> words = {};
  std::vector<std::string> assignments = {};   // NAME=value before the words
  std::vector<std::string> redirections = {};  // "2>&1", ">/etc/passwd"
  Range place = {};
  std::uint32_t line = 0;  // from 1
  // Indexes into the script: the next element of the pipeline, and the
  // command among whose words this one is substituted.
  std::optional<std::size_t> pipe_to = {};
  std::optional<std::size_t> within = {};
  // The first command of those whose output it reads by a pipe; the last is
  // the one before it.
  std::optional<std::size_t> feed = {};
  // Of redirections behind "done" or "}": the first command in front of it; of
  // a branch of "case": that of the case.
  std::optional<std::size_t> closes = {};
  std::optional<std::size_t> guard = {};    // the innermost one
  std::optional<Range> here_document = {};  // the last one, its text
  bool known = true;  // no expansion among the words had to stay
  // What a pipeline hands to a shell, when the script tells.
  std::optional<std::string> input = {};
};

struct ShellScript {
  ShellValues values = {};  // what its names stand for at its end
  // In order of their first word; behind them, with the same places, what
  // names with several values and functions called with constants make of them.
  std::vector<ShellCommand> commands = {};
  std::vector<ShellGuard> guards = {};                       // outer ones first
  std::map<std::string, Range, std::less<>> functions = {};  // their bodies
  bool truncated = false;  // there are more than the limit
};

// Reads any bytes; what a shell would refuse gives some commands or none.
// `values`: what its environment sets.
[[nodiscard]] ShellScript ParseShell(std::string_view text, std::size_t limit,
                                     ShellValues values = {});

}  // namespace assay::facts
