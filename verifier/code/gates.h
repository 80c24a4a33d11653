// The gates of one function.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "verifier/code/evaluate.h"
#include "verifier/code/program.h"
#include "verifier/code/study.h"

namespace assay::code {

// What a test asks, when it asks whether something is a constant.
struct Question {
  Origin::Bits origin = 0;
  Value asked = {};
  Comparand comparand = Comparand::kNumber;
  std::string text = {};
  std::uint64_t number = 0;
  unsigned bytes = 0;
  bool computed = false;
  bool order = false;
  bool bits = false;
  bool holds_if_jumped = true;  // alike (or, of an order, so) on that way
  std::uint64_t address = 0;    // of the comparison
  std::uint8_t length = 0;
};

// A function that says whether one of its arguments is a constant.
struct Predicate {
  Question question = {};
  std::size_t argument = 0;
  bool alike_is_zero = false;
};
using Predicates = std::map<std::uint64_t, Predicate>;

class GateFinder {
 public:
  // Borrows all.
  GateFinder(const Body& body, const Trace& trace, Program& program,
             const Image& image, const Predicates& predicates);

  // The gates, and for each block what decides whether it is reached.
  struct Found {
    std::vector<Gate> gates = {};
    std::vector<Origin::Bits> around = {};   // by block
    std::vector<bool> around_constant = {};  // by more than a word
    std::optional<Predicate> predicate = {};
  };
  [[nodiscard]] Found Find();

 private:
  struct Ways {
    std::vector<bool> alike;  // blocks that are reached only if it holds
    std::vector<bool> other;
    std::uint32_t alike_block = 0;
    AbilitySet opens = 0;
    AbilitySet skips = 0;
    bool checks_otherwise = false;  // a password is checked only if not
    std::optional<std::uint64_t> result = {};  // returned only if it holds
    std::optional<std::uint64_t> other_result = {};
  };
  [[nodiscard]] std::optional<Question> Ask(const Test& test) const;
  [[nodiscard]] std::optional<Question> AskCall(const Test& test,
                                                const Call& call) const;
  [[nodiscard]] std::optional<Question> AskComparison(const Call& call,
                                                      std::int8_t length) const;
  [[nodiscard]] std::optional<Question> AskNumber(const Test& test) const;
  [[nodiscard]] Ways WaysOf(const Test& test, const Question& question) const;
  [[nodiscard]] std::optional<std::uint64_t> ResultOn(
      const std::vector<bool>& blocks, std::uint32_t start) const;
  [[nodiscard]] AbilitySet AbilitiesOf(const Call& call) const;
  [[nodiscard]] bool ChecksPassword(const Call& call) const;
  [[nodiscard]] bool IsPasswordGiven(const Value& value) const;
  void FindPredicate(const Test& test, const Question& question, Found& found);

  const Body& body_;
  const Trace& trace_;
  Program& program_;
  const Image& image_;
  const Predicates& predicates_;
  AbilitySet checks_ = 0;
};

}  // namespace assay::code
