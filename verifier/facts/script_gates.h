// Conditions of a script that compare a credential, a request, the machine or
// the moment with a constant, and what they let happen.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "verifier/base/bytes.h"
#include "verifier/facts/script_value.h"

namespace assay::facts {

struct ScriptEffect {
  static constexpr std::uint8_t kSuccess = 1;    // what a login returns
  static constexpr std::uint8_t kPrivilege = 2;  // a role, an account
  static constexpr std::uint8_t kNext = 4;       // the next handler's turn
  static constexpr std::uint8_t kProcess = 8;
  static constexpr std::uint8_t kCode = 16;
  static constexpr std::uint8_t kDestroys = 32;
  static constexpr std::uint8_t kDenies = 64;
};

struct ScriptGate {
  std::string_view source = {};  // credential, request, environment, ...
  ScriptComparand comparand = ScriptComparand::kNone;
  std::string_view opens = {};  // success, privilege, next, process, ...
  unsigned compared = 0;        // constants that have to be met
  Range place = {};             // of the word that begins it
  std::uint32_t line = 0;
};

// The conditions that are open where a script is being read.
class ScriptGates {
 public:
  // What ends a condition's body.
  enum class End : std::uint8_t {
    kBlock,       // the closing bracket of a frame
    kStatement,   // the statement's end
    kIndent,      // a line that begins further left
    kWord,        // "end", "else" of Lua
    kCase,        // the next case, the end of them all
    kExpression,  // the end of "a && b", of "a ? b"
    kFile,
  };
  // Where a condition stands.
  struct Place {
    Range range = {};
    std::uint32_t line = 0;
    std::uint32_t scope = 0;  // the function
  };

  // `indented`: blocks are told by indentation.
  ScriptGates(std::size_t limit, bool indented)
      : limit_(limit), indented_(indented) {}
  void Restart() { *this = ScriptGates(limit_, indented_); }

  // A condition begins; comparisons that follow are its own.
  void Begin(const Place& place);
  [[nodiscard]] bool InHead() const {
    return !open_.empty() && open_.back().head;
  }
  void Compare(const ScriptJudgement& judgement);
  // Its body begins; `tells` are the sources of all in the condition.
  void BeginBody(End end, std::size_t depth, ScriptSource::Bits tells);
  void Drop() { open_.pop_back(); }
  // What follows in this expression depends on the comparison.
  void BeginExpression(const ScriptJudgement& judgement, const Place& place,
                       std::size_t depth);
  [[nodiscard]] bool InExpression(std::size_t depth) const {
    return !open_.empty() && open_.back().end == End::kExpression &&
           open_.back().depth == depth && !open_.back().head;
  }
  // The other branch of the condition whose body has just ended.
  void Else(End end, std::size_t depth);
  // Ends the bodies of this kind that began at `depth` or further in.
  void Finish(End end, std::size_t depth);
  void FinishAll();  // the text ends
  // Something is done; a return counts only in the function of the condition.
  void Happens(std::uint8_t effects);
  void Returns(std::uint8_t effects, std::uint32_t scope);
  // What follows the innermost condition's body is reached only without it.
  void Leaves();
  // What was compared when something is done here, in this function.
  [[nodiscard]] ScriptJudgement Judged(std::uint32_t scope) const;
  // What decides about what is done here.
  [[nodiscard]] ScriptSource::Bits Around() const;

  [[nodiscard]] const std::vector<ScriptGate>& found() const { return found_; }
  [[nodiscard]] bool truncated() const { return truncated_; }

 private:
  struct Open {
    ScriptGate gate = {};
    std::uint32_t scope = 0;
    bool head = true;
    End end = End::kBlock;
    std::size_t depth = 0;
    ScriptSource::Bits tells = 0;
    ScriptSource::Bits sources = 0;  // of the comparisons that count
    bool negative = false;
    bool owner = false;   // a user's name is compared as well
    bool named = false;   // with one that stands there
    bool typed = false;   // a password with one that stands there
    bool leaves = false;  // its body ends with a return or the like
    bool other = false;   // it stands for what its condition's body is not
    std::uint8_t effects = 0;
  };
  void Push(const Open& open);
  void Report(const Open& open);
  // What follows "if not so: return" happens only if so.
  void OpenRest(const Open& ended);
  [[nodiscard]] static Open OtherOf(const Open& ended, End end,
                                    std::size_t depth);

  std::size_t limit_;
  bool indented_;
  std::vector<Open> open_;
  std::optional<Open> ended_;  // just now
  std::vector<ScriptGate> found_;
  bool truncated_ = false;
};

// "clock host": what decides, by name; the first of several.
[[nodiscard]] std::string_view NameOfGate(ScriptSource::Bits sources);

}  // namespace assay::facts
