#include "rules/pattern_scanner.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "verifier/base/text.h"

namespace assay::rules {

Result<PatternScanner> PatternScanner::Compile(
    const std::vector<Rule>& rules, const std::vector<Pattern>& patterns) {
  std::map<Guard, std::vector<std::uint32_t>> by_guard;
  std::vector<Guard> order;  // of their first patterns
  const std::vector<Guard> guards = GuardsOf(rules, patterns.size());
  for (std::uint32_t i = 0; i < patterns.size(); ++i) {
    const Guard guard = guards[i].open ? Guard{.open = true} : guards[i];
    auto& members = by_guard[guard];
    if (members.empty()) {
      order.push_back(guard);
    }
    members.push_back(i);
  }
  PatternScanner scanner;
  for (const Guard& guard : order) {
    if (const auto added = scanner.Add(guard, by_guard[guard], patterns);
        !added) {
      return Fail(added.error());
    }
  }
  return scanner;
}

Result<void> PatternScanner::Add(const Guard& guard,
                                 const std::vector<std::uint32_t>& members,
                                 const std::vector<Pattern>& patterns) {
  std::vector<Pattern> chosen;
  for (const std::uint32_t pattern : members) {
    chosen.push_back(patterns[pattern]);
  }
  auto set = PatternSet::Compile(chosen);
  if (!set) {
    return Fail(set.error());
  }
  const auto number = static_cast<std::uint32_t>(groups_.size());
  groups_.push_back({std::move(*set), members});
  if (guard.open) {
    open_.push_back(number);
  }
  for (const std::string& fact : guard.facts) {
    by_fact_[fact].push_back(number);
  }
  for (const std::string& glob : guard.globs) {
    by_glob_[glob].push_back(number);
  }
  for (const std::uint32_t pattern : guard.patterns) {
    by_pattern_[pattern].push_back(number);
  }
  return {};
}

PatternScanner::Wanted PatternScanner::GroupsFor(
    const Artifact& artifact, std::span<const Fact> facts) const {
  Wanted wanted(open_.begin(), open_.end());
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
  Wanted wanted = GroupsFor(artifact, facts);
  for (auto next = wanted.begin(); next != wanted.end(); ++next) {
    const Group& group = groups_[*next];
    for (PatternHit hit : group.set.Scan(content)) {
      hit.pattern = group.patterns[hit.pattern];
      hits.push_back(hit);
      // All of them are behind this group.
      if (const auto guarded = by_pattern_.find(hit.pattern);
          guarded != by_pattern_.end()) {
        wanted.insert(guarded->second.begin(), guarded->second.end());
      }
    }
  }
  std::sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) {
    return std::tie(a.offset, a.pattern, a.length) <
           std::tie(b.offset, b.pattern, b.length);
  });
  return hits;
}

}  // namespace assay::rules
