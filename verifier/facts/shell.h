// Shell scripts as simple commands. A single pass over the text that follows
// the token rules of POSIX XCU chapter 2 (quoting, here-documents, compound
// commands, substitutions) with the extensions of bash that change where a
// command ends: [[ ]], (( )), $'...', <( ), &>. Nothing is expanded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"

namespace assay::facts {

struct ShellCommand {
  // Quotes removed, expansions verbatim ("$HOME", "$(id -u)"). Empty when the
  // command is nothing but assignments or redirections.
  std::vector<std::string> words = {};
  std::vector<std::string> assignments = {};   // NAME=value before the words
  std::vector<std::string> redirections = {};  // "2>&1", ">/etc/passwd"
  Range place = {};
  std::uint32_t line = 0;  // from 1
  // Indexes into the script: the next element of the pipeline, and the
  // command among whose words this one is substituted.
  std::optional<std::size_t> pipe_to = {};
  std::optional<std::size_t> within = {};
  std::optional<Range> here_document = {};  // the last one, its text
};

struct ShellScript {
  std::vector<ShellCommand> commands = {};  // in order of their first word
  bool truncated = false;                   // there are more than the limit
};

// Reads any bytes; what a shell would refuse gives some commands or none.
[[nodiscard]] ShellScript ParseShell(std::string_view text, std::size_t limit);

}  // namespace assay::facts
