#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "rules/yara/evaluator.h"
#include "rules/yara/program.h"

namespace assay::yara {
namespace {

// Steps that one rule may take on one content, and all rules together: some
// seconds at most, however the content was made.
constexpr std::uint64_t kRuleSteps = 20'000'000;
constexpr std::uint64_t kRuleStepsPerByte = 16;
constexpr std::uint64_t kScanSteps = 200'000'000;
constexpr std::uint64_t kScanStepsPerByte = 64;

// Places that a hit shows.
constexpr std::size_t kPlaces = 16;

class Scanner {
 public:
  Scanner(const Program& program, ByteView data)
      : program_(program),
        data_(data),
        finder_(program, data),
        results_(program.rules.size(), false),
        left_(kScanSteps + kScanStepsPerByte * data.size()) {}

  Outcome Run() {
    if (program_.scanner == nullptr) {
      return {};
    }
    std::vector<std::uint32_t> woken = program_.awake;
    for (const PatternHit& hit : program_.scanner->Scan(data_)) {
      for (const PatternUse& use : program_.uses[hit.pattern]) {
        if (finder_.Note(use, hit.offset)) {
          const auto& more = program_.wakes[use.string];
          woken.insert(woken.end(), more.begin(), more.end());
        }
      }
    }
    std::sort(woken.begin(), woken.end());
    woken.erase(std::unique(woken.begin(), woken.end()), woken.end());
    for (const std::uint32_t rule : woken) {
      results_[rule] = Judge(rule);
    }
    for (const std::uint32_t rule : woken) {
      Report(rule);
    }
    return std::move(outcome_);
  }

 private:
  std::optional<bool> Judge(std::uint32_t number) {
    const std::uint64_t most =
        std::min(left_, kRuleSteps + kRuleStepsPerByte * data_.size());
    finder_.Begin(most);
    const bool holds =
        Evaluator(program_.rules[number], finder_, results_).Holds();
    left_ -= most - finder_.effort().left;
    if (finder_.effort().given_up) {
      outcome_.undecided.push_back(number);
      return std::nullopt;
    }
    return holds;
  }

  // A global rule that does not hold speaks against all rules of its file.
  bool GlobalsHold(std::uint32_t number) {
    const std::uint32_t file = program_.rules[number].file;
    const auto [at, is_new] = globals_.try_emplace(file, true);
    for (std::uint32_t i = program_.rules[number].first_rule;
         is_new && i < program_.rules.size() && program_.rules[i].file == file;
         ++i) {
      const Rule& rule = program_.rules[i].rule;
      at->second = at->second && (!rule.is_global || results_[i] == true);
    }
    return at->second;
  }

  void Report(std::uint32_t number) {
    const LinkedRule& linked = program_.rules[number];
    if (results_[number] != true || linked.rule.is_private ||
        !GlobalsHold(number)) {
      return;
    }
    RuleHit hit{.rule = number};
    // What is shown must not be what the time runs out for.
    finder_.Begin(kRuleSteps);
    const std::uint32_t end =
        number + 1 < program_.rules.size()
            ? program_.rules[number + 1].first_string
            : static_cast<std::uint32_t>(program_.strings.size());
    for (std::uint32_t string = linked.first_string;
         string < end && hit.places.size() < kPlaces; ++string) {
      if (!program_.strings[string].is_private) {
        if (const auto place = finder_.Place(string)) {
          hit.places.push_back(*place);
        }
      }
    }
    outcome_.hits.push_back(std::move(hit));
  }

  const Program& program_;
  ByteView data_;
  Finder finder_;
  // By rule; nothing for one that was given up.
  std::vector<std::optional<bool>> results_;
  std::unordered_map<std::uint32_t, bool> globals_;  // by file
  std::uint64_t left_;
  Outcome outcome_;
};

}  // namespace

Outcome Scan(const Program& program, ByteView data) {
  return Scanner(program, data).Run();
}

}  // namespace assay::yara
