// What the machine code of a program tells: conditions in which something from
// outside meets a constant, what they let happen, and calls with what they are
// given.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/code/value.h"
#include "verifier/formats/executables/elf_view.h"

namespace assay::code {

enum class Comparand : std::uint8_t {
  kText,      // a text that stands in the program
  kBytes,     // other bytes that stand there
  kComposed,  // put together or decoded from constants
  kListed,    // one after the other of a table of texts
  kNumber,
};

// A condition on a constant. What it opens happens only if the constant is
// met; what it skips, only if it is not.
struct Gate {
  Range place = {};  // in the object: the comparison
  Origin::Bits origin = 0;
  Comparand comparand = Comparand::kNumber;
  std::string text = {};     // of the constant, as far as it is one
  std::uint64_t number = 0;  // kNumber
  unsigned bytes = 0;        // how many have to be met
  unsigned met = 1;  // constants that have to be met before it, and this one
  unsigned fan = 0;  // constants that the function compares the same with
  bool computed = false;  // what is compared was computed: a sum, a digest
  bool given = false;     // what is compared is checked as a password too
  bool masked = false;    // byte by byte, of which a constant was taken
  bool bits = false;      // some bits of the number are asked, not all
  bool order = false;     // not met, but passed: "<", ">="
  bool returns = false;   // a constant is returned only if it is met
  bool assigns = false;   // a small constant is stored only if it is met
  std::uint64_t function = 0;
  std::string opens = {};  // abilities, in the order of their names
  std::string skips = {};
};

// A check of passwords or signatures, and a condition of something else on
// which what lies behind the check happens without it, or although it failed.
struct Spared {
  Range place = {};          // of the condition
  std::string check = {};    // abilities
  bool always = false;       // whatever else is so
  std::string_view by = {};  // the function whose result decides, if it is one
  std::string text = {};     // that it was given
  Origin::Bits origin = 0;
  std::string reaches = {};  // abilities behind the check
};

struct KeyCall {
  Range place = {};
  std::string_view function = {};
  std::string_view ability = {};
  // Numbers as decimals, texts as they are; "N+": something is added to N, or
  // lies behind it; empty: not the same in every run.
  std::array<std::string, 6> arguments = {};
  std::array<Origin::Bits, 6> origins = {};
  // That point to what stands in the program and is not changed, or was made
  // of constants alone; that were made of constants by arithmetic.
  std::array<bool, 6> fixed = {};
  std::array<bool, 6> decoded = {};
  std::uint64_t handed = 0;  // a function of the program that is an argument
  // What it always returns; "constant": a text decides what.
  std::string callback = {};
  Origin::Bits gate = 0;       // what decides whether it happens
  bool constant_gate = false;  // by a constant that is more than a word
};

// A function that a loader calls by itself, and what it may reach.
struct StartUp {
  Range place = {};
  bool resolver = false;  // of an indirect function; else a constructor
  std::string reaches = {};
};

// A row of a table of names and functions.
struct Handler {
  Range place = {};  // of the pointer to the function
  std::string name = {};
  std::string reaches = {};
  unsigned rows = 0;
  bool silent = false;  // lacks a text that most other rows have
};

// A text that a function compares something with.
struct Word {
  std::uint64_t function = 0;
  std::string text = {};
};

struct Study {
  std::vector<Gate> gates = {};     // in the order of their places
  std::vector<KeyCall> calls = {};  // the same
  std::vector<Spared> spared = {};  // the same
  std::vector<StartUp> starts = {};
  std::vector<Handler> handlers = {};
  std::vector<Word> words = {};  // by function
  std::string machine = {};
  bool complete = true;  // all of the code was read
};

// Nothing for processors whose code is not read, and for objects that name no
// function of others. Bounded by the object's size and by kMaxWork operations.
[[nodiscard]] std::optional<Study> StudyProgram(const formats::ElfView& view);

inline constexpr std::uint64_t kMaxWork = 24UL << 20U;

}  // namespace assay::code
