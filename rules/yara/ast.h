// YARA rules as plain data. Source: YARA 4.2 documentation, "Writing YARA
// rules"; what each construct means stands there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/yara/automaton.h"
#include "rules/yara/regex.h"

namespace assay::yara {

// Where something stands in a file; both count from 1.
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct String {
  enum class Kind : std::uint8_t { kText, kHex, kRegex };
  Kind kind = Kind::kText;
  std::string name = {};  // "$a", "$" for one without a name
  Mark mark = {};
  std::string text = {};  // kText: the bytes
  Regex regex = {};       // the others
  bool caseless = false;
  bool ascii = false;
  bool wide = false;
  bool whole_word = false;
  bool is_private = false;
  std::optional<std::pair<std::uint8_t, std::uint8_t>> keys = {};  // xor
  bool base64 = false;
  bool base64_wide = false;
  std::string alphabet = {};  // of base64, 64 characters
};

// A node of a condition.
struct Expr {
  enum class Kind : std::uint8_t {
    kNumber,  // `number`
    kReal,    // `real`
    kText,    // `text`
    kFileSize,
    kVariable,  // of a loop: its place among the loops' variables
    kRule,      // whether rule `index` of the file matches
    kFound,     // string `index` occurs
    kFoundAt,   // ... at of[0]
    kFoundIn,   // ... begins between of[0] and of[1]
    kCount,     // how often string `index` occurs (between of[0] and of[1])
    kOffset,    // where it occurs the of[0]th time
    kLength,    // how long that is
    kRead,      // an integer of `format` at of[0]
    kCall,      // function or field `text` of a module
    kNot,
    kDefined,
    kMinus,
    kBitNot,
    kAnd,
    kOr,
    kCompare,     // `op`
    kCalculate,   // `op`
    kTextTest,    // `text` names it: contains, startswith ...
    kMatches,     // of[0] matches `automaton`
    kOf,          // `quantity` of `strings` or `rules` (between of[1], of[2])
    kForStrings,  // `quantity` of `strings` satisfy of.back()
    kForRange,    // ... of the numbers of[1] to of[2] do
    kForList,     // ... of the numbers between the first and the last do
  };
  enum class Op : std::uint8_t {
    kEqual,
    kUnequal,
    kLess,
    kLessEqual,
    kMore,
    kMoreEqual,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kModulo,
    kAnd,
    kOr,
    kXor,
    kShiftLeft,
    kShiftRight,
  };
  // How many of a set: of[0] says it for the last two.
  enum class Quantity : std::uint8_t { kAll, kAny, kNone, kNumber, kPercent };

  Kind kind = Kind::kNumber;
  Op op = Op::kEqual;
  Quantity quantity = Quantity::kAll;
  Mark mark = {};
  std::int64_t number = 0;
  double real = 0;
  std::string text = {};
  std::uint32_t index = 0;  // kThisString: the string of the innermost loop
  std::vector<std::uint32_t> strings = {};
  std::vector<std::uint32_t> rules = {};
  std::shared_ptr<const Automaton> automaton = {};
  std::vector<Expr> of = {};

  static constexpr std::uint32_t kThisString = 0xFFFFFFFF;
};

struct Rule {
  std::string name = {};
  Mark mark = {};
  bool is_private = false;
  bool is_global = false;
  std::vector<std::string> tags = {};
  std::vector<std::pair<std::string, std::string>> meta = {};  // as text
  std::vector<String> strings = {};
  Expr condition = {};
  // Why it cannot be evaluated, "" when it can.
  std::string unsupported = {};
};

}  // namespace assay::yara
