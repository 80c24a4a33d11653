// The calls in a Python, JavaScript, PHP or Lua source that matter for a
// product's integrity, with what is known of their arguments without running
// it: constants are put together ("cur" + "l", chr(115), a name assigned from
// a constant), aliases followed, and data of a web request or out of a decoder
// are tracked through names within a file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/facts/script_gates.h"
#include "verifier/facts/script_lexer.h"

namespace assay::facts {

struct ScriptCall {
  std::string_view function = {};  // "os.system"; "" when only a run tells
  std::string_view does = {};      // process, code, network, ...; "" as above
  std::array<std::string, 3> arguments = {};  // "" when not constant
  std::string_view origin = {};  // of its arguments: request, decoded, or ""
  std::string_view tells = {};   // host: which machine, or whose, or ""
  std::string_view gate = {};    // what the condition around it asks; or ""
  // Of a call that starts a process: one element for a command line, several
  // for a list; what only a run tells stands in them as "$name".
  std::vector<std::string> words = {};
  bool by_shell = false;  // the one element goes to a shell
  Range place = {};       // from the function's name to the last parenthesis
  std::uint32_t line = 0;
};

struct ScriptCalls {
  std::vector<ScriptCall> calls = {};
  std::vector<ScriptGate> gates = {};
  bool truncated = false;  // there are more than a limit
};

// `cgi`: the script is run by a web server with a request as its input.
[[nodiscard]] ScriptCalls FindScriptCalls(ScriptLanguage language,
                                          std::string_view text, bool cgi,
                                          std::size_t limit);

}  // namespace assay::facts
