// Services whose configuration names commands, and what these are given.
#pragma once

#include <cstddef>
#include <string_view>

#include "verifier/facts/shell_sources.h"

namespace assay::facts {

// How a command stands behind the word of the configuration.
enum class HookForm {
  kRest,    // to the end of the line, quotes around it or not
  kSkip,    // the same, behind one more word
  kQuoted,  // the text between the next quotes
  kList,    // all quoted texts to the end of the line, a word each
  kBar,     // behind a "|"
  kPath,    // from the first word on that is a path
};

struct HookRow {
  std::string_view service = {};
  // "name", "name*", "*.end", "folder/": any of them, between blanks.
  std::string_view files = {};
  // Between blanks, small; "~" is a blank; "^": only as a line's first word.
  std::string_view keys = {};
  HookForm form = HookForm::kRest;
  // Where comes from what the command is given; 0: from the product alone.
  ShellSource::Bits given = 0;
  // "<": on its input; "%", "$", "{", "&": words of the line that begin so are
  // replaced by it.
  std::string_view ways = {};
  char behind = '\0';  // the command begins behind the first of these ...
  char until = '\0';   // ... and ends before the first of these
};

struct HookRows {
  const HookRow* begin = nullptr;
  const HookRow* end = nullptr;
};

[[nodiscard]] HookRows AllHooks();

// Whether the row is about a file: its path in small letters, behind a slash.
[[nodiscard]] bool IsFileOf(const HookRow& row, std::string_view slashed);

}  // namespace assay::facts
