// The functions of a program, who calls whom, and what each is able to reach.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "verifier/code/knowledge.h"
#include "verifier/code/trail.h"

namespace assay::code {

// Abilities (see abilities.h) as bits, numbered in the order in which they are
// met. The 64th and later ones are left out; there are fewer.
using AbilitySet = std::uint64_t;
class AbilityNames {
 public:
  AbilitySet Of(std::string_view function);
  // Those that are harmful.
  [[nodiscard]] AbilitySet harmful() const { return harmful_; }
  // In the order of their names, with commas.
  [[nodiscard]] std::string Text(AbilitySet set) const;

 private:
  std::vector<std::string_view> names_;
  AbilitySet harmful_ = 0;
};

struct Function {
  std::uint64_t entry = 0;
  std::uint64_t end = 0;
  std::string_view name = {};               // of its symbol, or none
  std::vector<std::uint64_t> calls = {};    // entries of functions
  std::vector<std::uint64_t> callers = {};  // the same
  AbilitySet own = 0;                       // by the functions that it names
  AbilitySet reach = 0;                     // and by those that it calls
  AbilitySet near = 0;  // by those that it calls directly, or they do
  bool simple = true;   // calls nobody
  bool tells = false;   // calls functions that tell by their arguments
};

class Program {
 public:
  // Borrows both. Finds the functions by one pass over all code.
  Program(const Image& image, Knowledge& knowledge);

  [[nodiscard]] const std::map<std::uint64_t, Function>& functions() const {
    return functions_;
  }
  [[nodiscard]] const Function* At(std::uint64_t entry) const;
  AbilityNames& abilities() { return abilities_; }
  // A function is found to check signatures by another program: so do those
  // that call it. False if that was known.
  bool AddChecks(std::uint64_t entry);
  // Whether a call never comes back.
  bool NeverReturns(const Operation& call);
  // Bytes of code that were passed over because of the budget.
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

  static constexpr std::uint64_t kMaxCode = 24UL << 20U;  // bytes
  static constexpr int kReach = 4;                        // calls within calls

 private:
  struct Use {
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // what is called, or a slot
  };
  void Sweep();
  void SweepPart(const Image::Part& part, std::uint64_t& left);
  [[nodiscard]] std::optional<std::uint64_t> ModeAt(std::uint64_t address,
                                                    bool begins) const;
  // The function that an address lies in.
  Function* Around(std::uint64_t address);
  void AddUses(const Operation& operation, std::uint64_t address);
  void AddTrail(const Operation& operation, std::uint64_t address);
  void AddFunctions();
  void AddUnnamed();
  void AddUse(const Use& use);
  void Reach();

  const Image& image_;
  Knowledge& knowledge_;
  AbilityNames abilities_;
  Trail trail_;
  std::vector<Use> uses_;
  std::vector<std::int64_t> things_;  // addresses of data that code names
  std::vector<std::uint64_t> found_;  // where functions begin, as they tell
  std::unordered_set<std::uint64_t> ends_;  // calls that never come back
  std::unordered_set<std::uint64_t> called_;
  // Where instruction sets mix, often no table tells the functions: places at
  // which nothing arrives from before, and whether the way back is saved
  // there; and jumps.
  std::map<std::uint64_t, bool> begins_;
  std::vector<Use> jumps_;
  std::map<std::uint64_t, Function> functions_;
  std::uint64_t skipped_ = 0;
};

}  // namespace assay::code
