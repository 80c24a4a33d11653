// The state of FollowShell; see shell_flow.h.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifier/facts/shell_flow.h"

namespace assay::facts {

class ShellFollower {
 public:
  using Bits = ShellSource::Bits;

  ShellFollower(const ShellScript& script, Bits around, Bits given);
  [[nodiscard]] ShellFlow Follow();

 private:
  static constexpr std::size_t kNoFunction = ~std::size_t{0};

  struct Function {
    std::string_view name = {};
    Range body = {};
    Bits output = 0;
    Bits given = 0;      // its arguments
    Bits condition = 0;  // what its own comparisons ask
    ScriptComparand comparand = ScriptComparand::kNone;
    Bits gate = 0;  // around all its calls
    std::uint32_t effects = 0;
    bool called = false;
    bool open = false;  // a call without a condition
  };
  struct Condition {
    Bits sources = 0;
    ScriptComparand comparand = ScriptComparand::kNone;
    unsigned compared = 0;
  };

  void Prepare();
  void Round();
  void FollowCommand(std::size_t index);
  void Assign(std::string_view assignment, Bits inner, std::size_t index);
  void AssignWords(std::size_t index, Bits input);
  void Write(std::size_t index, Bits output);
  [[nodiscard]] Bits InputOf(std::size_t index) const;
  [[nodiscard]] Bits OfWord(std::string_view word, std::size_t index) const;
  [[nodiscard]] Bits OfName(std::string_view name, std::size_t index) const;
  [[nodiscard]] Bits OfFiles(std::string_view word) const;
  [[nodiscard]] Bits OfOperands(std::size_t index) const;
  [[nodiscard]] Function* Called(std::size_t index);

  [[nodiscard]] Condition ConditionOf(std::size_t index);
  [[nodiscard]] Condition ConditionOfTest(std::size_t index) const;
  [[nodiscard]] Condition ConditionOfCase(std::size_t index) const;
  void CompareWords(std::size_t index, std::string_view left,
                    std::string_view right, Condition& condition) const;
  [[nodiscard]] Condition ConditionOfGuard(const ShellGuard& guard);
  [[nodiscard]] std::string Resolved(const std::string& word) const;
  [[nodiscard]] Bits CodeOf(std::size_t index) const;
  void JudgeGuards();
  void JudgeFunctions();
  void JudgeCommands();
  [[nodiscard]] std::uint32_t Agreement(std::size_t index) const;
  void AddGates();

  [[nodiscard]] std::string_view ProgramAt(std::size_t index) const;

  const ShellScript& script_;
  Bits around_;
  Bits given_;
  std::vector<std::size_t> program_;   // index of the program among the words
  std::vector<std::size_t> function_;  // in which the command stands
  std::vector<Bits> inner_;  // what is substituted among the command's words
  std::vector<Bits> fed_;    // by redirections behind the end of a loop
  std::vector<Bits> output_;
  std::vector<Function> functions_;
  std::map<std::string_view, std::size_t> by_name_;  // of functions_
  std::map<std::string, Bits, std::less<>> names_;
  std::map<std::string, Bits, std::less<>> files_;
  std::map<std::string, std::string, std::less<>> texts_;  // as they are set
  std::vector<Condition> conditions_;                      // of the guards
  std::vector<Bits> guarded_;           // with those around them
  std::vector<std::uint32_t> effects_;  // of what the guards let happen
  std::size_t round_ = 0;
  bool serves_ = false;  // its input is a request
  bool leased_ = false;  // unknown names are another machine's answer
  bool strict_ = false;  // stops at the first failure
  ShellFlow flow_;
};

}  // namespace assay::facts
