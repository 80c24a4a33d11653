// What the commands of one script say together: a key that comes with what it
// is to prove, a source that is other while it is compiled.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "verifier/facts/shell.h"

namespace assay::facts {

// By the index of the command: whether the key that this command checks a
// signature with lies beside what is signed, and nothing puts a key of the
// system there.
[[nodiscard]] std::vector<std::size_t> KeysBesideMessages(
    const ShellScript& script);

struct ShellSwap {
  std::string file = {};     // that is put aside, changed and put back
  std::string between = {};  // program that sees it changed
  std::size_t command = 0;   // that changes it
};

[[nodiscard]] std::vector<ShellSwap> SwapsOf(const ShellScript& script);

// A condition that a signature is only checked under, while what is to be
// checked is installed without it as well.
struct ShellSkip {
  std::string condition = {};
  std::size_t command = 0;  // that would check
};

[[nodiscard]] std::vector<ShellSkip> SkipsOf(const ShellScript& script);

}  // namespace assay::facts
