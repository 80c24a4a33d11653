// A regex as a program whose running time is bounded by bytes times states
// (K. Thompson, "Regular Expression Search Algorithm", 1968): says exactly
// where a match ends, which the pattern scan does not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rules/yara/regex.h"
#include "verifier/base/bytes.h"

namespace assay::yara {

// What is only looked at, and not run through an automaton, costs a step for
// so many bytes.
inline constexpr std::uint64_t kBytesPerStep = 16;

// Steps that a scan may still take. What does not end in time is not decided.
struct Effort {
  std::uint64_t left = 0;
  bool given_up = false;

  [[nodiscard]] bool Spend(std::uint64_t steps) {
    given_up = given_up || left < steps;
    left -= given_up ? 0 : steps;
    return !given_up;
  }
};

// Whether no letter or digit stands directly beside [start, start + length).
[[nodiscard]] bool IsWholeWord(ByteView data, std::uint64_t start,
                               std::uint64_t length, bool wide);

// Immutable; one may be run on many threads at once.
class Automaton {
 public:
  // Of the nodes one after the other; `wide`: every byte is followed by a zero.
  // kLimit when the program would have more than kMostStates states.
  [[nodiscard]] static Result<Automaton> Of(std::span<const Node> sequence,
                                            bool wide);

  static constexpr std::size_t kMostStates = 20000;

  // Scratch memory of a run; any automaton may use it.
  struct Run {
    std::vector<std::uint32_t> now = {};
    std::vector<std::uint32_t> next = {};
    std::vector<std::uint32_t> stack = {};
    std::vector<std::uint64_t> seen = {};  // by state: the last round
    std::uint64_t round = 0;
  };

  // Which of the matches at a place counts: at most `most` bytes long.
  struct Wanted {
    std::uint64_t most = 0;
    bool shortest = false;  // or else the longest
  };
  // The length of that match.
  [[nodiscard]] std::optional<std::uint64_t> MatchAt(ByteView data,
                                                     std::uint64_t start,
                                                     const Wanted& wanted,
                                                     Run& run,
                                                     Effort& effort) const;

  // Bytes with one of which a match begins; all when it may be empty.
  [[nodiscard]] const ByteSet& first() const { return first_; }

 private:
  struct State {
    enum class Kind : std::uint8_t { kSet, kSplit, kPlace, kMatch };
    Kind kind = Kind::kMatch;
    Node::Kind place = Node::Kind::kBegin;
    std::uint32_t to = 0;
    std::uint32_t other = 0;  // kSplit: the second way; kSet: its set
  };

  bool Add(const Node& node);
  void AddSet(const ByteSet& set);
  bool AddRepeat(const Node& node);
  [[nodiscard]] std::uint32_t SetNumber(const ByteSet& set);
  void FindFirst();
  bool Step(ByteView data, std::uint64_t at, Run& run) const;
  bool Enter(std::uint32_t from, ByteView data, std::uint64_t at,
             std::vector<std::uint32_t>& into, Run& run) const;
  [[nodiscard]] bool Holds(Node::Kind place, ByteView data,
                           std::uint64_t at) const;

  std::vector<State> states_;
  std::vector<ByteSet> sets_;
  ByteSet first_;
  bool wide_ = false;
};

}  // namespace assay::yara
