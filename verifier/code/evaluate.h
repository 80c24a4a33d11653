// Follows the values through one function without running it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "verifier/code/flow.h"
#include "verifier/code/knowledge.h"
#include "verifier/code/state.h"
#include "verifier/code/value.h"

namespace assay::code {

struct Call {
  std::uint32_t site = 0;
  std::uint64_t address = 0;
  std::uint8_t length = 0;
  std::uint32_t block = 0;
  Callee callee = {};
  Value target = {};  // what is called, if it is nobody known
  std::array<Value, kArguments> arguments = {};
  // Where the arguments, and what they point to, come from.
  std::array<Origin::Bits, kArguments> origins = {};
  // Of arguments that point to a constant text, the text.
  std::array<std::optional<std::string>, kArguments> texts = {};
};

// The condition of a branch, or of a value that is 1 or 0.
struct Test {
  std::uint32_t site = 0;
  std::uint64_t address = 0;
  std::uint8_t length = 0;
  std::uint32_t block = 0;
  bool branches = false;  // it ends its block
  bool chooses = false;   // a value depends on it
  bool bits = false;      // asks bits of `left`
  std::uint8_t width = 0;
  Condition condition = Condition::kOther;  // under which it holds
  Value left = {};
  Value right = {};
  Origin::Bits origin = 0;  // of `left`, and what it points to
};

// In the order of their sites, which are 1 + the number of the operation.
struct Trace {
  std::vector<Call> calls = {};
  std::vector<Test> tests = {};
  std::vector<Value> results = {};  // what the result's register ends with,
                                    // by block
  // Bytes with which something is compared in parts at once, by `site` - 1.
  std::vector<std::string> joined = {};
  // Stores of single bytes of guessable numbers.
  std::vector<std::uint64_t> guessable = {};
  std::vector<bool> assigns = {};  // whether it stores a small constant
  [[nodiscard]] const Call* CallAt(std::uint32_t site) const;
  [[nodiscard]] const Test* TestAt(std::uint32_t site) const;
};

// Adds to `knowledge` what the function gives, and what it hands to others.
[[nodiscard]] Trace Evaluate(const Body& body, std::uint64_t entry,
                             Knowledge& knowledge);

}  // namespace assay::code
