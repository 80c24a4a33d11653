// What decides about a shell script's commands, and what they are given: the
// names, files, pipes and functions of one script are followed from where a
// value comes from (the clock, a request, another machine) to where it is used.
// Order is not: a name has all the origins that it has anywhere.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "verifier/facts/script_gates.h"
#include "verifier/facts/shell.h"
#include "verifier/facts/shell_sources.h"

namespace assay::facts {

struct ShellMeaning {
  std::string_view does = {};   // see EffectOf()
  ShellSource::Bits gate = 0;   // what the conditions around it compare
  ShellSource::Bits tells = 0;  // what its words and its input come from
};

// A condition that lets something happen.
struct ShellGate {
  ShellSource::Bits sources = 0;
  ScriptComparand comparand = ScriptComparand::kNone;
  std::string_view opens = {};  // privilege, destroys, stops, disables, code
  unsigned compared = 0;        // constants that have to be met
  Range place = {};
  std::uint32_t line = 0;
};

struct ShellFlow {
  std::vector<ShellMeaning> commands = {};  // one per command of the script
  std::vector<ShellGate> gates = {};
};

// `around`: what the conditions around the whole script compare; `given`: what
// it was made of.
[[nodiscard]] ShellFlow FollowShell(const ShellScript& script,
                                    ShellSource::Bits around,
                                    ShellSource::Bits given);

}  // namespace assay::facts
