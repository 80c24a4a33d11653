// Conditions of a script that compare a credential, a request, the machine or
// the moment with a constant, and what they let happen.
#pragma once

#include <cstdint>
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

enum class ScriptComparand : std::uint8_t {
  kNone,      // nothing that tells anything
  kWord,      // an ordinary word
  kNumber,    //
  kText,      // one that looks like a secret
  kDigest,    // hexadecimal digits of a digest's length
  kComposed,  // put together from parts, or decoded
};
[[nodiscard]] std::string_view NameOf(ScriptComparand comparand);

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
    kBlock,      // the closing bracket of a frame
    kStatement,  // the statement's end
    kIndent,     // a line that begins further left
    kWord,       // "end", "else" of Lua
  };
  struct Comparison {
    ScriptSource::Bits sources = 0;
    ScriptComparand comparand = ScriptComparand::kNone;
    bool negative = false;
    bool order = false;  // "<", ">=": which side of it
    bool named = false;  // the constant is a text or number of some kind
  };

  explicit ScriptGates(std::size_t limit) : limit_(limit) {}
  void Restart() { *this = ScriptGates(limit_); }

  // A condition begins; comparisons that follow are its own.
  void Begin(Range place, std::uint32_t line, std::uint32_t scope);
  [[nodiscard]] bool InHead() const {
    return !open_.empty() && open_.back().head;
  }
  void Compare(const Comparison& comparison);
  // Its body begins; `tells` are the sources of all in the condition.
  void BeginBody(End end, std::size_t depth, ScriptSource::Bits tells);
  void Drop() { open_.pop_back(); }
  // Ends the bodies of this kind that began at `depth` or further in.
  void Finish(End end, std::size_t depth);
  void FinishAll();  // the text ends
  // Something is done; a return counts only in the function of the condition.
  void Happens(std::uint8_t effects);
  void Returns(std::uint8_t effects, std::uint32_t scope);
  // "clock host": what decides about what is done here.
  [[nodiscard]] std::string_view Around() const;

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
    bool owner = false;  // a user's name is compared as well
    std::uint8_t effects = 0;
  };
  void Report(const Open& open);

  std::size_t limit_;
  std::vector<Open> open_;
  std::vector<ScriptGate> found_;
  bool truncated_ = false;
};

}  // namespace assay::facts
