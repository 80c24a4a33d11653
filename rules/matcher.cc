#include "rules/matcher.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace assay::rules {
namespace {

using Kind = Condition::Kind;

// Fact extractors report what is odd as facts; unpacking as records.
constexpr std::string_view kAnomalyFact = "anomaly";

void Append(std::vector<Group>&& from, std::vector<Group>& to) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

// The first witnesses of all groups, at most kSupport.
Group Flattened(const std::vector<Group>& groups) {
  Group flat;
  for (const Group& group : groups) {
    for (const Witness& witness : group) {
      if (flat.size() == kSupport) {
        return flat;
      }
      flat.push_back(witness);
    }
  }
  return flat;
}

// A test on the artifact says little by itself: it leads a finding only when
// nothing else does.
bool IsAboutArtifact(const Group& group) {
  return std::all_of(group.begin(), group.end(), [](const Witness& witness) {
    return witness.leaf->kind == Kind::kArtifact;
  });
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
Match Matcher::Find(const Condition& condition,
                    std::optional<ArtifactId> artifact) const {
  switch (condition.kind) {
    case Kind::kAll:
      return FindAll(condition, artifact);
    case Kind::kAny:
    case Kind::kCount:
      return FindSome(condition, artifact);
    case Kind::kNone: {
      const Match match = FindSome(condition, artifact);
      return {.holds = !match.holds};
    }
    case Kind::kSameArtifact:
      return FindSameArtifact(condition, artifact);
    case Kind::kJoin:
      return FindJoin(condition, artifact);
    default:
      return FindLeaf(condition, artifact);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
Match Matcher::FindAll(const Condition& condition,
                       std::optional<ArtifactId> artifact) const {
  std::vector<std::vector<Group>> parts;
  for (const Condition& child : condition.of) {
    Match match = Find(child, artifact);
    if (!match.holds) {
      return {};
    }
    if (!match.groups.empty()) {
      parts.push_back(std::move(match.groups));
    }
  }
  if (parts.empty()) {
    return {.holds = true};
  }
  const auto leading =
      std::find_if(parts.begin(), parts.end(), [](const auto& groups) {
        return !std::all_of(groups.begin(), groups.end(), IsAboutArtifact);
      });
  const auto lead = leading == parts.end() ? parts.begin() : leading;
  Group support;
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    if (part != lead) {
      const Group more = Flattened(*part);
      support.insert(support.end(), more.begin(), more.end());
    }
  }
  for (Group& group : *lead) {
    group.insert(group.end(), support.begin(), support.end());
  }
  return {.holds = true, .groups = std::move(*lead)};
}

// NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
Match Matcher::FindSome(const Condition& condition,
                        std::optional<ArtifactId> artifact) const {
  Match some;
  std::uint32_t count = 0;
  for (const Condition& child : condition.of) {
    Match match = Find(child, artifact);
    if (match.holds) {
      ++count;
      Append(std::move(match.groups), some.groups);
    }
  }
  const std::uint32_t wanted =
      condition.kind == Kind::kCount ? condition.at_least : 1;
  some.holds = count >= wanted;
  return some.holds ? std::move(some) : Match{};
}

// NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
Match Matcher::FindSameArtifact(const Condition& condition,
                                std::optional<ArtifactId> artifact) const {
  const Condition& inner = condition.of.front();
  if (artifact) {
    return Find(inner, artifact);
  }
  Match product;
  for (const ArtifactId id : Candidates(inner)) {
    Match match = Find(inner, id);
    product.holds = product.holds || match.holds;
    Append(std::move(match.groups), product.groups);
  }
  return product;
}

Match Matcher::FindJoin(const Condition& condition,
                        std::optional<ArtifactId> artifact) const {
  const auto common = [&](const Witness& witness) {
    return FieldOf(witness.thing, index_.At(witness.artifact).artifact,
                   condition.what);
  };
  Match left = FindLeaf(condition.of[0], artifact);
  const Match right = FindLeaf(condition.of[1], artifact);
  std::map<std::string, Group> partners;
  for (const Group& group : right.groups) {
    partners[common(group.front())].push_back(group.front());
  }
  Match join;
  for (Group& group : left.groups) {
    const std::string value = common(group.front());
    const auto found = partners.find(value);
    if (value.empty() || found == partners.end()) {
      continue;
    }
    const Group& others = found->second;
    group.insert(group.end(), others.begin(),
                 std::next(others.begin(), static_cast<std::ptrdiff_t>(std::min(
                                               others.size(), kSupport))));
    join.groups.push_back(std::move(group));
  }
  join.holds = !join.groups.empty();
  return join;
}

Match Matcher::FindLeaf(const Condition& leaf,
                        std::optional<ArtifactId> artifact) const {
  Match match;
  if (artifact) {
    AddWitnesses(leaf, *artifact, match.groups);
  } else if (const auto key = index_.KeyOf(leaf)) {
    for (const ArtifactId id : index_.ArtifactsWith(*key)) {
      AddWitnesses(leaf, id, match.groups);
    }
  } else {
    for (ArtifactId id = 0; id < index_.size(); ++id) {
      AddWitnesses(leaf, id, match.groups);
    }
  }
  match.holds = match.groups.size() >= leaf.at_least;
  return match.holds ? std::move(match) : Match{};
}

bool Matcher::PassesTest(const FieldTest& test, const Thing& thing,
                         const Artifact& artifact) const {
  const PatternSet* const regexes = rules_.values.get();
  if (const auto* fact = std::get_if<const Fact*>(&thing)) {
    // The common case, without a copy of the text.
    if (test.field == "value" || test.field == "id") {
      return IsRegex(test.comparison)
                 ? index_.ValueMatches(**fact, test.comparison.regex) ==
                       (test.comparison.op == Comparison::Operator::kMatches)
                 : Holds(test.comparison, (*fact)->value, regexes);
    }
    if (test.field != "path" && test.field != "name" &&
        test.field != "address") {
      return Holds(test.comparison, (*fact)->Attribute(test.field), regexes);
    }
  }
  if (test.field == "provenance") {
    return Holds(test.comparison, NameOf(index_.ProvenanceOf(artifact.id)),
                 regexes);
  }
  return Holds(test.comparison, FieldOf(thing, artifact, test.field), regexes);
}

bool Matcher::Passes(const Condition& leaf, const Thing& thing,
                     const Artifact& artifact) const {
  return std::all_of(
      leaf.tests.begin(), leaf.tests.end(),
      [&](const FieldTest& test) { return PassesTest(test, thing, artifact); });
}

void Matcher::AddWitnesses(const Condition& leaf, ArtifactId id,
                           std::vector<Group>& into) const {
  const Node& node = index_.At(id);
  const auto consider = [&](const Thing& thing) {
    if (Passes(leaf, thing, node.artifact)) {
      into.push_back({{.artifact = id, .thing = thing, .leaf = &leaf}});
    }
  };
  switch (leaf.kind) {
    case Kind::kFact:
      for (const Fact& fact : node.seen.facts) {
        if (fact.kind == leaf.what) {
          consider(&fact);
        }
      }
      break;
    case Kind::kPattern:
      for (const HitRecord& record : node.seen.hits) {
        if (record.hit.pattern == leaf.pattern) {
          consider(&record);
        }
      }
      break;
    case Kind::kSignature:
      for (const SignatureCheck* check : index_.ChecksOf(id)) {
        consider(check);
      }
      break;
    case Kind::kSbom:
      for (const Discrepancy* discrepancy : index_.DiscrepanciesOf(id)) {
        consider(discrepancy);
      }
      break;
    case Kind::kAnomaly:
      for (const AnomalyRecord& anomaly : node.artifact.anomalies) {
        consider(&anomaly);
      }
      for (const Fact& fact : node.seen.facts) {
        if (fact.kind == kAnomalyFact) {
          consider(&fact);
        }
      }
      break;
    case Kind::kRegion:
      for (const StructureRange& region : node.artifact.structure) {
        consider(&region);
      }
      break;
    default:
      consider(&node.artifact);
  }
}

std::vector<ArtifactId> Matcher::Candidates(const Condition& condition) const {
  std::vector<ArtifactId> ids;
  const auto keys = Necessary(condition);
  if (!keys) {
    ids.resize(index_.size());
    for (ArtifactId id = 0; id < ids.size(); ++id) {
      ids[id] = id;
    }
    return ids;
  }
  for (const Key key : *keys) {
    const auto with = index_.ArtifactsWith(key);
    ids.insert(ids.end(), with.begin(), with.end());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
std::optional<std::vector<Key>> Matcher::Necessary(
    const Condition& condition) const {
  if (IsLeaf(condition.kind)) {
    const auto key = index_.KeyOf(condition);
    return key ? std::optional(std::vector{*key}) : std::nullopt;
  }
  if (condition.kind == Kind::kNone) {
    return std::nullopt;
  }
  const bool any =
      condition.kind == Kind::kAny || condition.kind == Kind::kCount;
  const auto weight = [&](const std::vector<Key>& keys) {
    std::size_t artifacts = 0;
    for (const Key key : keys) {
      artifacts += index_.ArtifactsWith(key).size();
    }
    return artifacts;
  };
  std::optional<std::vector<Key>> best;
  for (const Condition& child : condition.of) {
    auto keys = Necessary(child);
    if (any) {
      if (!keys) {
        return std::nullopt;
      }
      if (best) {
        keys->insert(keys->end(), best->begin(), best->end());
      }
      best = std::move(keys);
    } else if (keys && (!best || weight(*keys) < weight(*best))) {
      best = std::move(keys);
    }
  }
  return best;
}

}  // namespace assay::rules
