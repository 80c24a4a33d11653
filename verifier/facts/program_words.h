// Words that a program understands and does not tell.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/code/study.h"

namespace assay::facts {

class ProgramWords {
 public:
  // Borrows both. Reads the program once, to see which of the words stand in a
  // longer text of it: its help, its usage, its answer to what it does not
  // know.
  ProgramWords(const std::vector<code::Word>& words, ByteView content);

  // Whether at least three in four of the other words that the gate's function
  // compares with are named so, but not the gate's.
  [[nodiscard]] bool IsUnlisted(const code::Gate& gate) const;

 private:
  void Note(std::string_view text);
  [[nodiscard]] bool IsNamed(std::string_view word) const;

  std::unordered_map<std::string_view, bool> named_;  // parts of words
  std::map<std::uint64_t, std::vector<std::string_view>> by_function_;
};

}  // namespace assay::facts
