// How the program speaks to whoever started it: messages on standard error,
// results on standard output, and how much of them.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "verifier/base/json.h"
#include "verifier/base/result.h"
#include "verifier/cli/exit_codes.h"
#include "verifier/report/writer.h"

namespace assay::cli {

// Set once, by the command line, before any thread starts.
struct Console {
  bool quiet = false;      // errors, and what was left out; nothing else
  bool no_colour = false;  // as NO_COLOR
  bool json = false;       // messages as objects, one a line
};
[[nodiscard]] Console& TheConsole();

// A result for people on standard output, unless --quiet.
template <typename... Arguments>
void Say(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
  if (!TheConsole().quiet) {
    fmt::print(form, std::forward<Arguments>(arguments)...);
  }
}

// "assay: ..." on standard error: what is good to know, unless --quiet.
void Note(std::string_view text);
// The same for what was left out or is trusted: with --quiet as well.
void Warn(std::string_view text);
// The same for what ends the command; gives the exit code.
int Complain(const Error& error);
// A wrong command line; gives kExitUsage.
int Misuse(std::string_view text);
// What an option names or says is wrong: kConfig is a wrong command line.
int Misuse(const Error& error);

// One object on a line of standard error, for programs that watch us.
void Tell(const Json& object);

// Whether the terminal understands control sequences: TERM is not "dumb".
[[nodiscard]] bool IsTerminal(int descriptor);
// What suits the stream `descriptor` (1 or 2): colours on a terminal only, and
// not with NO_COLOR (when it is not empty) or --no-color.
[[nodiscard]] report::Style StyleOf(int descriptor);

}  // namespace assay::cli
