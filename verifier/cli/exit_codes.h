// What the program's exit code says: one table, from which help, man page and
// README take theirs.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "verifier/base/result.h"
#include "verifier/model/report.h"

namespace assay::cli {

// The verdict's, then as in sysexits.h.
enum Exit : int {
  kExitPass = 0,
  kExitFail = 1,
  kExitInconclusive = 2,
  kExitUsage = 64,
  kExitMalformed = 65,   // a document that the user gave
  kExitUnreadable = 66,  // an input
  kExitInternal = 70,
  kExitUnconfined = 71,  // confinement could not be set up
  kExitUnwritable = 74,  // an output
  kExitConfig = 78,      // policy, rules or configuration
};

struct ExitCode {
  int code = 0;
  std::string_view name = {};     // one or two words
  std::string_view meaning = {};  // one sentence
};

// In ascending order. The last ones are given by the signals that end us, as
// a shell shows them.
[[nodiscard]] std::span<const ExitCode> ExitCodes();
// "0 pass, 1 fail, ...", for help.
[[nodiscard]] std::string ExitCodeLine();
// The table of README.md.
[[nodiscard]] std::string ExitCodeMarkdown();

[[nodiscard]] int ExitOf(const Error& error);
[[nodiscard]] int ExitOf(Verdict verdict);

}  // namespace assay::cli
