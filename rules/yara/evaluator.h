// Whether a rule's condition holds for one content. What the pattern scan does
// not say, where and how often a string occurs, is looked for when asked.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "rules/yara/automaton.h"
#include "rules/yara/modules.h"
#include "rules/yara/program.h"
#include "rules/yara/value.h"
#include "verifier/base/bytes.h"

namespace assay::yara {

// The strings of a program in one content. For one thread.
class Finder {
 public:
  Finder(const Program& program, ByteView data)
      : program_(program), data_(data) {}

  // The scan found a form of a string, and its first end; true for the first
  // form of it.
  bool Note(const PatternUse& use, std::uint64_t end);

  [[nodiscard]] bool Occurs(std::uint32_t string);
  [[nodiscard]] bool OccursAt(std::uint32_t string, std::uint64_t offset);
  // Whether it begins between the two, both included.
  [[nodiscard]] bool OccursIn(std::uint32_t string, std::uint64_t first,
                              std::uint64_t last);
  // A place of it, close to the first end that the scan found.
  [[nodiscard]] std::optional<Range> Place(std::uint32_t string);
  // All places in order, at most kMostPlaces; found once.
  [[nodiscard]] const std::vector<Range>& AllPlaces(std::uint32_t string);

  // What the call gives; of many rules that ask for the digest of the same
  // bytes one pays.
  [[nodiscard]] Value Run(const Call& call, std::span<const Value> arguments);

  // Before each rule: strings are a rule's own, so that what was listed for
  // the last one may go.
  void Begin(std::uint64_t steps);
  [[nodiscard]] Effort& effort() { return effort_; }
  [[nodiscard]] Automaton::Run& run() { return run_; }
  [[nodiscard]] ByteView data() const { return data_; }

  // As many as YARA counts.
  static constexpr std::size_t kMostPlaces = 1'000'000;
  // Of all strings of a rule together: 64 MiB. What needs more is given up.
  static constexpr std::size_t kMostListed = 4'000'000;

 private:
  struct FormSeen {
    std::uint32_t form = 0;
    std::uint64_t start = 0;  // no match begins before it
    std::uint64_t end = 0;    // of the match that ends first
  };
  struct Seen {
    std::vector<FormSeen> forms = {};  // that may occur
    std::optional<bool> occurs = {};
    std::optional<std::vector<Range>> all = {};
  };
  [[nodiscard]] std::optional<Range> PlaceOf(const Form& form,
                                             const FormSeen& seen);
  void AddPlaces(const Form& form, Range within, std::size_t most,
                 std::vector<Range>& into);
  [[nodiscard]] std::vector<Range> PlacesIn(std::uint32_t string, Range within,
                                            std::size_t most);

  const Program& program_;
  ByteView data_;
  std::unordered_map<std::uint32_t, Seen> seen_;  // strings that may occur
  // By call, offset and length; some that were made first.
  std::map<std::tuple<const Call*, std::int64_t, std::int64_t>, Value> known_;
  std::vector<std::uint32_t> listed_;  // strings whose places are known
  std::size_t places_left_ = kMostListed;
  Automaton::Run run_;
  Effort effort_;
};

class Evaluator {
 public:
  // `results`: of the rules before it; nothing for one that was given up.
  Evaluator(const LinkedRule& rule, Finder& finder,
            const std::vector<std::optional<bool>>& results)
      : rule_(rule), finder_(finder), results_(results) {}

  [[nodiscard]] bool Holds();

 private:
  [[nodiscard]] Value Of(const Expr& expr);
  [[nodiscard]] Value OfLeaf(const Expr& expr);
  [[nodiscard]] Value OfString(const Expr& expr);
  [[nodiscard]] Value OfPlace(const Expr& expr);
  [[nodiscard]] Value OfLogic(const Expr& expr);
  [[nodiscard]] Value OfSign(const Expr& expr);
  [[nodiscard]] Value OfMatch(const Expr& expr);
  [[nodiscard]] Value OfCall(const Expr& expr);
  [[nodiscard]] Value OfSet(const Expr& expr);
  [[nodiscard]] Value OfLoop(const Expr& expr);
  // What leans on a rule that was given up is given up as well.
  [[nodiscard]] bool RuleHolds(std::uint32_t index);
  // Of a loop: how often its body held.
  struct Turns {
    std::uint64_t found = 0;
    std::uint64_t all = 0;
  };
  bool Turn(const Expr& loop, Turns& turns);
  bool Turn(const Expr& loop, Value value, Turns& turns);
  [[nodiscard]] Turns OverRange(const Expr& loop);
  [[nodiscard]] Turns OverList(const Expr& loop);
  [[nodiscard]] Turns OverStrings(const Expr& loop);
  // Undefined when one of the two is.
  [[nodiscard]] std::optional<bool> IsIn(std::uint32_t string, const Expr& low,
                                         const Expr& high);
  [[nodiscard]] std::optional<std::int64_t> Wanted(const Expr& expr);
  [[nodiscard]] std::uint32_t StringOf(const Expr& expr) const {
    return expr.index == Expr::kThisString ? this_string_
                                           : rule_.first_string + expr.index;
  }

  const LinkedRule& rule_;
  Finder& finder_;
  const std::vector<std::optional<bool>>& results_;
  std::vector<Value> variables_;
  std::uint32_t this_string_ = 0;
};

}  // namespace assay::yara
