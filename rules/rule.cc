#include "rules/rule.h"

#include <set>

#include "rules/yara/program.h"

namespace assay::rules {
namespace {

// NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
void Collect(const Condition& condition, std::set<std::string>& into) {
  if (condition.kind == Condition::Kind::kFact) {
    into.insert(condition.what);
  }
  for (const Condition& child : condition.of) {
    Collect(child, into);
  }
}

}  // namespace

std::size_t RuleSet::PatternCount() const {
  return patterns.size() + (yara == nullptr ? 0 : yara->rules.size());
}

std::string_view NameOf(Anchor anchor) {
  switch (anchor) {
    case Anchor::kDeclared:
      return "declared";
    case Anchor::kSbom:
      return "sbom";
    case Anchor::kSignedOriginal:
      return "signed_original";
  }
  return "";
}

std::string_view NameOf(Rule::Scope scope) {
  return scope == Rule::Scope::kProduct ? "product" : "artifact";
}

std::vector<std::string> FactKindsOf(const Condition& condition) {
  std::set<std::string> kinds;
  Collect(condition, kinds);
  return {kinds.begin(), kinds.end()};
}

}  // namespace assay::rules
