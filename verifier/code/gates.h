// The gates of one function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/code/questions.h"

namespace assay::code {

class GateFinder {
 public:
  // Borrows all.
  GateFinder(const Body& body, const Trace& trace, Program& program,
             const Image& image, const Predicates& predicates)
      : body_(body),
        trace_(trace),
        program_(program),
        image_(image),
        questions_(trace, program, image, predicates) {}

  // The gates, and for each block what decides whether it is reached.
  struct Found {
    std::vector<Gate> gates = {};
    std::vector<Origin::Bits> around = {};   // by block
    std::vector<bool> around_constant = {};  // by more than a word
    std::optional<Predicate> predicate = {};
    std::vector<Spared> spared = {};
    bool whole = true;                    // no bound on questions was met
    std::vector<std::string> words = {};  // that something is compared with
  };
  [[nodiscard]] Found Find();

 private:
  struct Ways {
    std::vector<bool> alike = {};  // blocks that are reached only if it holds
    std::vector<bool> other = {};
    std::uint32_t alike_block = 0;
    AbilitySet opens = 0;
    AbilitySet skips = 0;
    bool checks_otherwise = false;  // a password is checked only if not
    bool assigns = false;
    std::optional<std::uint64_t> result = {};  // returned only if it holds
    std::optional<std::uint64_t> other_result = {};
  };
  struct Met {           // constants that have to be met on the way to a block
    unsigned bytes = 0;  // of numbers
    unsigned constants = 0;  // others
    std::string text = {};   // of the numbers
  };
  struct Asked {
    const Test* test = nullptr;
    Question question = {};
  };
  // False when there are too many questions.
  bool AskAll();
  void AddChoices(Found& found);
  void Judge(const Asked& asked, Found& found);
  // What is known behind the question, of what was met before it.
  [[nodiscard]] static Met Meet(const Question& question, const Met& before);
  [[nodiscard]] bool GoesOn(const Question& question,
                            std::uint32_t block) const;
  [[nodiscard]] Gate MakeGate(const Question& question, const Ways& ways,
                              const Met& met) const;
  [[nodiscard]] std::vector<bool> EndOfLoop(
      std::uint32_t test, const std::vector<bool>& goes_on) const;
  [[nodiscard]] Ways WaysOf(const Test& test, const Question& question) const;
  [[nodiscard]] std::optional<std::uint64_t> ResultOn(
      const std::vector<bool>& blocks, std::uint32_t start) const;
  [[nodiscard]] static std::optional<Predicate> PredicateOf(
      const Question& question, const Ways& ways);

  const Body& body_;
  const Trace& trace_;
  Program& program_;
  const Image& image_;
  Questions questions_;
  std::vector<Asked> asked_;  // in the order of blocks
  std::vector<Met> met_;      // by block
};

}  // namespace assay::code
