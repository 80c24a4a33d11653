// The files that a shell script makes, and their texts as far as it says them:
// here-documents, what echo and printf print, what sed(1) puts in place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/facts/shell.h"

namespace assay::facts {

struct ShellWrite {
  std::string path = {};  // "etc/passwd", without the folder it stands below
  std::string text = {};
  Range place = {};  // of the text in the script, or of the command
};

struct ShellWrites {
  std::vector<ShellWrite> writes = {};  // in the script's order
  bool complete = true;                 // no bound was met
};

// Bounded. Expansions that are not known stay in the text as they are written.
// What is written to devices or next to the script is left out.
[[nodiscard]] ShellWrites WritesOf(std::string_view text, ShellScript& script);

}  // namespace assay::facts
