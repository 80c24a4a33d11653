#include "rules/pattern_scanner.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "rules/guards.h"
#include "verifier/base/text.h"

namespace assay::rules {

Result<PatternScanner> PatternScanner::Compile(
    const std::vector<Rule>& rules, const std::vector<Pattern>& patterns) {
  std::map<Guard, std::vector<std::uint32_t>> by_guard;
  const std::vector<Guard> guards = GuardsOf(rules, patterns.size());
  for (std::uint32_t i = 0; i < patterns.size(); ++i) {
    by_guard[guards[i].open ? Guard{.open = true} : guards[i]].push_back(i);
  }
  PatternScanner scanner;
  for (auto& [guard, members] : by_guard) {
    std::vector<Pattern> chosen;
    for (const std::uint32_t pattern : members) {
      chosen.push_back(patterns[pattern]);
    }
    auto set = PatternSet::Compile(chosen);
    if (!set) {
      return Fail(set.error());
    }
    const auto number = static_cast<std::uint32_t>(scanner.groups_.size());
    scanner.groups_.push_back({std::move(*set), std::move(members)});
    if (guard.open) {
      scanner.open_.push_back(number);
    }
    for (const std::string& fact : guard.facts) {
      scanner.by_fact_[fact].push_back(number);
    }
    for (const std::string& glob : guard.globs) {
      scanner.by_glob_[glob].push_back(number);
    }
  }
  return scanner;
}

std::set<std::uint32_t> PatternScanner::GroupsFor(
    const Artifact& artifact, std::span<const Fact> facts) const {
  std::set<std::uint32_t> wanted(open_.begin(), open_.end());
  const auto add = [&](const std::string& fact) {
    if (const auto found = by_fact_.find(fact); found != by_fact_.end()) {
      wanted.insert(found->second.begin(), found->second.end());
    }
  };
  for (const Fact& fact : facts) {
    if (IsOwnFact(fact.kind)) {
      std::string key(fact.kind);
      add(key);
      add(key.append("=").append(fact.value));
    }
  }
  for (const auto& [glob, groups] : by_glob_) {
    if (GlobMatches(glob, artifact.inner_path)) {
      wanted.insert(groups.begin(), groups.end());
    }
  }
  return wanted;
}

std::vector<PatternHit> PatternScanner::Scan(const Artifact& artifact,
                                             std::span<const Fact> facts,
                                             ByteView content) const {
  std::vector<PatternHit> hits;
  if (content.empty()) {
    return hits;
  }
  for (const std::uint32_t number : GroupsFor(artifact, facts)) {
    const Group& group = groups_[number];
    for (PatternHit hit : group.set.Scan(content)) {
      hit.pattern = group.patterns[hit.pattern];
      hits.push_back(hit);
    }
  }
  std::sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) {
    return std::tie(a.offset, a.pattern, a.length) <
           std::tie(b.offset, b.pattern, b.length);
  });
  return hits;
}

}  // namespace assay::rules
