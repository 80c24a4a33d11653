#include <algorithm>
#include <initializer_list>
#include <set>
#include <string_view>

#include "verifier/facts/shell_effects.h"
#include "verifier/facts/shell_program.h"
#include "verifier/facts/shell_relations.h"
#include "verifier/facts/shell_sources.h"
#include "verifier/facts/text_lines.h"

namespace assay::facts {
namespace {

constexpr std::size_t kMaxPairs = 64;  // of things looked for in one script

// Looks for checks of signatures that a condition spares.
class SkipFinder {
 public:
  explicit SkipFinder(const ShellScript& script) : script_(script) {
    for (std::size_t i = 0; i < script.commands.size(); ++i) {
      const ShellCommand& command = script.commands[i];
      const std::size_t at = ProgramIndex(command.words);
      const bool known = at < command.words.size();
      if (known && (CheckedBy(command.words, at) & ShellSource::kSignature)) {
        NoteAs(checks_, checking_, i);
      } else if (known && EffectOf(command.words, at, command.redirections) ==
                              "installs") {
        NoteAs(installs_, installing_, i);
      }
    }
    for (std::size_t i = 0; i < script.commands.size(); ++i) {
      const std::string_view program = ProgramIn(script.commands[i].words);
      if (checking_.contains(program)) {
        checks_.push_back(i);
      } else if (installing_.contains(program)) {
        installs_.push_back(i);
      }
    }
  }

  [[nodiscard]] std::vector<ShellSkip> Find() const {
    std::vector<ShellSkip> skips;
    for (const std::size_t check : checks_) {
      const auto guard = script_.commands[check].guard;
      if (guard && skips.size() < kMaxPairs && IsSpared(check, *guard)) {
        skips.push_back({TextOf(script_.guards[*guard]), check});
      }
    }
    return skips;
  }

 private:
  using Indexes = std::vector<std::size_t>;
  using Functions = std::set<std::string, std::less<>>;

  // What stands in a function counts where the function is called, too.
  void NoteAs(Indexes& found, Functions& functions, std::size_t index) {
    if (found.size() < kMaxPairs) {
      found.push_back(index);
      functions.emplace(FunctionOf(index));
    }
    functions.erase("");
  }

  [[nodiscard]] std::string_view FunctionOf(std::size_t index) const {
    const std::uint64_t at = script_.commands[index].place.offset;
    for (const auto& [name, body] : script_.functions) {
      if (body.offset <= at && at < body.end()) {
        return name;
      }
    }
    return {};
  }

  [[nodiscard]] std::set<std::size_t> GuardsOf(std::size_t index) const {
    std::set<std::size_t> guards;
    for (auto guard = script_.commands[index].guard; guard;
         guard = script_.guards[*guard].outer) {
      guards.insert(*guard);
    }
    return guards;
  }

  [[nodiscard]] std::string TextOf(const ShellGuard& guard) const {
    std::string text;
    for (std::size_t i = guard.first;
         i < guard.end && i < script_.commands.size(); ++i) {
      for (const std::string& word : script_.commands[i].words) {
        AppendWord(text, word);
      }
    }
    return text;
  }

  // Whether some installation happens whether the guard holds or not.
  [[nodiscard]] bool IsSpared(std::size_t check, std::size_t guard) const {
    const auto around = GuardsOf(check);
    return !LeavesOtherwise(script_.guards[guard]) &&
           std::any_of(installs_.begin(), installs_.end(),
                       [&](std::size_t install) {
                         const auto of = GuardsOf(install);
                         return install > check && !of.contains(guard) &&
                                FunctionOf(install) == FunctionOf(check) &&
                                std::includes(around.begin(), around.end(),
                                              of.begin(), of.end());
                       });
  }

  // Where the condition does not hold, the script ends, or checks otherwise.
  [[nodiscard]] bool LeavesOtherwise(const ShellGuard& guard) const {
    for (std::size_t i = 0; i < script_.commands.size(); ++i) {
      for (const std::size_t of : GuardsOf(i)) {
        const ShellGuard& other = script_.guards[of];
        const bool opposite = other.first == guard.first &&
                              other.end == guard.end &&
                              other.holds != guard.holds;
        if (opposite &&
            (Is(ProgramIn(script_.commands[i].words),
                {"exit", "return", "die"}) ||
             std::find(checks_.begin(), checks_.end(), i) != checks_.end())) {
          return true;
        }
      }
    }
    return false;
  }

  const ShellScript& script_;
  Indexes checks_;
  Indexes installs_;
  Functions checking_;
  Functions installing_;
};

}  // namespace

std::vector<ShellSkip> SkipsOf(const ShellScript& script) {
  return SkipFinder(script).Find();
}

}  // namespace assay::facts
