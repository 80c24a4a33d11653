#include "rules/guards.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace assay::rules {
namespace {

using Kind = Condition::Kind;
using Operator = Comparison::Operator;

// Narrower ones are less: a fact with its value is rarer than a fact, and that
// is quicker to know than whether a path matches.
auto WidthOf(const Guard& guard) {
  bool bare = false;
  for (const std::string& fact : guard.facts) {
    bare = bare || fact.find('=') == std::string::npos;
  }
  return std::tuple(!guard.globs.empty(), bare,
                    guard.facts.size() + guard.globs.size());
}

void Widen(const Guard& more, Guard& guard) {
  guard.open = guard.open || more.open;
  guard.facts.insert(more.facts.begin(), more.facts.end());
  guard.globs.insert(more.globs.begin(), more.globs.end());
  guard.patterns.insert(more.patterns.begin(), more.patterns.end());
}

using MaybeGuard = std::optional<Guard>;

MaybeGuard Narrower(MaybeGuard one, MaybeGuard other) {
  if (!one || (other && WidthOf(*other) < WidthOf(*one))) {
    return other;
  }
  return one;
}

// Texts that are equal as texts alone: numbers may be written in many ways.
bool AreWords(const FieldTest& test) {
  const Operator op = test.comparison.op;
  const auto& words = test.comparison.operands;
  return test.field == "value" &&
         (op == Operator::kEqual || op == Operator::kIn) &&
         std::all_of(words.begin(), words.end(), [](const std::string& word) {
           return word.find_first_of("0123456789") == std::string::npos;
         });
}

MaybeGuard GuardOfFact(const Condition& leaf) {
  if (!IsOwnFact(leaf.what)) {
    return std::nullopt;
  }
  const auto words =
      std::find_if(leaf.tests.begin(), leaf.tests.end(), AreWords);
  if (words == leaf.tests.end()) {
    return Guard{.facts = {leaf.what}};
  }
  Guard guard;
  for (const std::string& value : words->comparison.operands) {
    guard.facts.insert(leaf.what + "=" + value);
  }
  return guard;
}

MaybeGuard GuardOfArtifact(const Condition& leaf) {
  for (const FieldTest& test : leaf.tests) {
    if (test.field == "path" && test.comparison.op == Operator::kGlob) {
      Guard guard;
      guard.globs.insert(test.comparison.operands.begin(),
                         test.comparison.operands.end());
      return guard;
    }
  }
  return std::nullopt;
}

// What every artifact has for which the condition holds; nothing when unknown.
// NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
MaybeGuard GuardFrom(const Condition& condition) {
  switch (condition.kind) {
    case Kind::kFact:
      return GuardOfFact(condition);
    case Kind::kArtifact:
      return GuardOfArtifact(condition);
    case Kind::kAll: {
      MaybeGuard guard;
      for (const Condition& part : condition.of) {
        guard = Narrower(std::move(guard), GuardFrom(part));
      }
      return guard;
    }
    case Kind::kAny:
    case Kind::kCount: {
      Guard guard;
      for (const Condition& part : condition.of) {
        const MaybeGuard one = GuardFrom(part);
        if (!one) {
          return std::nullopt;
        }
        Widen(*one, guard);
      }
      return guard;
    }
    default:
      return std::nullopt;
  }
}

// What is known of an artifact for which a condition matters.
struct Context {
  bool one = false;  // the condition is about one artifact
  MaybeGuard guard = std::nullopt;
  std::optional<std::uint32_t> pattern = std::nullopt;  // occurs in it
};

class Walk {
 public:
  explicit Walk(std::vector<Guard>& guards) : guards_(guards) {}

  // NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
  void Visit(const Condition& condition, Context context) {
    if (condition.kind == Kind::kPattern) {
      Widen(GuardIn(context, condition.pattern), guards_[condition.pattern]);
      return;
    }
    context.one = context.one || condition.kind == Kind::kSameArtifact;
    context.guard = context.one ? Narrower(context.guard, GuardFrom(condition))
                                : std::nullopt;
    for (const Condition& part : condition.of) {
      Visit(part, context);
      if (context.one && condition.kind == Kind::kAll &&
          part.kind == Kind::kPattern && !context.pattern) {
        context.pattern = part.pattern;
      }
    }
  }

 private:
  // Patterns are guarded by smaller ones alone, so that none waits for itself.
  static Guard GuardIn(const Context& context, std::uint32_t pattern) {
    return context.pattern && *context.pattern < pattern
               ? Guard{.patterns = {*context.pattern}}
               : context.guard.value_or(Guard{.open = true});
  }

  std::vector<Guard>& guards_;
};

}  // namespace

std::vector<Guard> GuardsOf(const std::vector<Rule>& rules,
                            std::size_t patterns) {
  std::vector<Guard> guards(patterns);
  for (const Rule& rule : rules) {
    Walk(guards).Visit(rule.when,
                       {.one = rule.scope == Rule::Scope::kArtifact});
  }
  return guards;
}

bool IsOwnFact(std::string_view kind) {
  return kind == "script" || kind.substr(0, 4) == "elf." ||
         kind.substr(0, 3) == "pe." || kind.substr(0, 6) == "macho.";
}

}  // namespace assay::rules
