// What a condition of a function asks, if it asks whether something is a
// constant.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "verifier/code/evaluate.h"
#include "verifier/code/program.h"
#include "verifier/code/study.h"

namespace assay::code {

inline constexpr unsigned kShortest = 4;  // bytes to be met, for it to count

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
  // A masked part of many that are asked in a loop, which goes on if it holds.
  bool repeats = false;
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

// Whether two values point to different things, as far as that is known.
[[nodiscard]] bool AreApart(const Value& a, const Value& b);

class Questions {
 public:
  // Borrows all.
  Questions(const Trace& trace, Program& program, const Image& image,
            const Predicates& predicates);

  [[nodiscard]] std::optional<Question> Ask(const Test& test) const;
  // Of a call that compares a password with a constant.
  [[nodiscard]] std::optional<Question> AskPassword(const Call& call) const;
  // Of a function whose result this is: what it says with it.
  [[nodiscard]] std::optional<Predicate> AskResult(const Value& result) const;
  // What a call reaches.
  [[nodiscard]] AbilitySet AbilitiesOf(const Call& call) const;
  // What it does itself, or by functions that it calls directly.
  [[nodiscard]] AbilitySet NearOf(const Call& call) const;
  [[nodiscard]] bool ChecksPassword(const Call& call) const;
  // The abilities to check passwords and signatures.
  [[nodiscard]] AbilitySet checks() const { return passwords_ | signatures_; }
  // The abilities to stop the machine and to delete files.
  [[nodiscard]] AbilitySet destroys() const { return destroys_; }

 private:
  [[nodiscard]] std::optional<Question> AskCall(const Test& test,
                                                const Call& call) const;
  [[nodiscard]] std::optional<Question> AskComparison(const Call& call,
                                                      std::int8_t length) const;
  [[nodiscard]] std::optional<Question> AskArgument(const Call& call,
                                                    std::size_t fixed) const;
  [[nodiscard]] std::optional<Question> AskBits(const Test& test) const;
  [[nodiscard]] std::optional<Question> AskNumber(const Test& test) const;
  [[nodiscard]] std::optional<Question> AskTable(const Test& test) const;
  [[nodiscard]] bool IsPasswordGiven(const Value& value) const;

  const Trace& trace_;
  Program& program_;
  const Image& image_;
  const Predicates& predicates_;
  AbilitySet passwords_ = 0;
  AbilitySet signatures_ = 0;
  AbilitySet destroys_ = 0;
  std::vector<Value> checked_;  // what passwords are checked with
};

}  // namespace assay::code
