#include "rules/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace assay::rules {
namespace {

using Kind = Condition::Kind;

constexpr Key kNoKey = std::numeric_limits<Key>::max();

constexpr std::string_view kAnomalyFact = "anomaly";

// Of an anomaly fact the value is called "id", too.
bool IsOfValue(const FieldTest& test) {
  return test.field == "value" || test.field == "id";
}

// The regex that the value of a fact must match for the leaf to hold.
std::optional<std::uint32_t> NecessaryRegex(const Condition& leaf) {
  for (const FieldTest& test : leaf.tests) {
    if (IsOfValue(test) &&
        test.comparison.op == Comparison::Operator::kMatches) {
      return test.comparison.regex;
    }
  }
  return std::nullopt;
}

std::string FactKeyName(const Condition& leaf) {
  const auto regex = NecessaryRegex(leaf);
  return regex ? fmt::format("fact:{}~{}", leaf.what, *regex)
               : "fact:" + leaf.what;
}

// "" for what needs no key.
std::string KeyName(const Condition& leaf) {
  switch (leaf.kind) {
    case Kind::kFact:
      return FactKeyName(leaf);
    case Kind::kPattern:
      return fmt::format("pattern:{}", leaf.pattern);
    case Kind::kSignature:
      return "check";
    case Kind::kSbom:
      return "discrepancy";
    case Kind::kAnomaly:
      return "anomaly";
    case Kind::kRegion:
      return "region";
    default:
      return {};
  }
}

template <typename T>
std::span<const T* const> Find(
    const std::map<ArtifactId, std::vector<const T*>>& map, ArtifactId id) {
  const auto found = map.find(id);
  if (found == map.end()) {
    return {};
  }
  return found->second;
}

}  // namespace

Index::Index(const RuleSet& rules, const Dossier& dossier)
    : dossier_(dossier), regexes_(rules.values.get()) {
  pattern_keys_.assign(rules.PatternCount(), kNoKey);
  for (const Rule& rule : rules.rules) {
    AddKeys(rule.when);
  }
  artifacts_.resize(keys_.size());
  AddWritten();
  provenance_.assign(dossier.survey.nodes.size(), Provenance::kUnexplained);
  for (const Owner& owner : dossier.reconciliation.owners) {
    if (owner.artifact < provenance_.size()) {
      provenance_[owner.artifact] = owner.provenance;
    }
  }
  IndexNodes();
  IndexChecks();
  IndexDiscrepancies();
}

void Index::AddWritten() {
  for (const Node& node : dossier_.survey.nodes) {
    for (const WrittenText& written : node.seen.written) {
      if (written.pieces.empty()) {
        continue;
      }
      Node file{.artifact = node.artifact};
      file.artifact.inner_path = written.path;
      file.artifact.name = written.path.substr(written.path.rfind('/') + 1);
      file.artifact.size = written.size;
      file.artifact.format = "text";
      file.artifact.meta = {};
      file.artifact.structure.clear();
      file.artifact.anomalies.clear();
      file.artifact.entropy.reset();
      file.seen.facts = written.facts;
      file.seen.hits = written.hits;
      written_.push_back({std::move(file), written.pieces.front().place});
    }
  }
}

std::optional<Range> Index::WrittenFrom(ArtifactId id) const {
  const std::size_t artifacts = dossier_.survey.nodes.size();
  return id < artifacts ? std::nullopt
                        : std::optional(written_[id - artifacts].place);
}

ArtifactId Index::HolderOf(ArtifactId id) const {
  return id < dossier_.survey.nodes.size() ? id : At(id).artifact.id;
}

// NOLINTNEXTLINE(misc-no-recursion): the loader bounds the tree's depth.
void Index::AddKeys(const Condition& condition) {
  const std::string name = KeyName(condition);
  if (!name.empty()) {
    const Key key =
        keys_.try_emplace(name, static_cast<Key>(keys_.size())).first->second;
    if (condition.kind == Kind::kFact) {
      AskFor(condition.what, condition, key);
    } else if (condition.kind == Kind::kAnomaly) {
      AskFor(std::string(kAnomalyFact), condition, key);
    } else if (condition.kind == Kind::kPattern &&
               condition.pattern < pattern_keys_.size()) {
      pattern_keys_[condition.pattern] = key;
    }
  }
  for (const Condition& child : condition.of) {
    AddKeys(child);
  }
}

void Index::AskFor(const std::string& kind, const Condition& leaf, Key key) {
  Asked& asked = asked_[kind];
  const auto necessary =
      leaf.kind == Kind::kFact ? NecessaryRegex(leaf) : std::nullopt;
  if (!necessary &&
      std::find(asked.any.begin(), asked.any.end(), key) == asked.any.end()) {
    asked.any.push_back(key);
  }
  for (const FieldTest& test : leaf.tests) {
    if (IsOfValue(test) && IsRegex(test.comparison)) {
      const bool wakes = necessary == test.comparison.regex;
      asked.regexes.emplace_back(test.comparison.regex, wakes ? key : kNoKey);
    }
  }
}

void Index::Note(Key key, ArtifactId artifact) {
  std::vector<ArtifactId>& list = artifacts_[key];
  if (list.empty() || list.back() != artifact) {
    list.push_back(artifact);
  }
}

void Index::IndexNodes() {
  const auto key_named = [this](const char* name) {
    const auto found = keys_.find(name);
    return found == keys_.end() ? kNoKey : found->second;
  };
  const Key anomaly = key_named("anomaly");
  const Key region = key_named("region");
  for (ArtifactId id = 0; id < size(); ++id) {
    const Node& node = At(id);
    IndexFacts(node, id);
    for (const HitRecord& record : node.seen.hits) {
      const std::uint32_t pattern = record.hit.pattern;
      if (pattern < pattern_keys_.size() && pattern_keys_[pattern] != kNoKey) {
        Note(pattern_keys_[pattern], id);
      }
    }
    if (anomaly != kNoKey && !node.artifact.anomalies.empty()) {
      Note(anomaly, id);
    }
    if (region != kNoKey && !node.artifact.structure.empty()) {
      Note(region, id);
    }
  }
}

void Index::IndexFacts(const Node& node, ArtifactId id) {
  static const std::vector<Key> kNoKeys;
  // Facts of one kind mostly stand together: look each run up once.
  std::string_view last;
  const Asked* asked = nullptr;
  for (const Fact& fact : node.seen.facts) {
    if (fact.kind.data() != last.data() || fact.kind != last) {
      last = fact.kind;
      const auto found = asked_.find(last);
      asked = found == asked_.end() ? nullptr : &found->second;
      for (const Key key : asked != nullptr ? asked->any : kNoKeys) {
        Note(key, id);
      }
    }
    if (asked != nullptr && !asked->regexes.empty()) {
      ScanValue(fact, *asked, id);
    }
  }
}

void Index::ScanValue(const Fact& fact, const Asked& asked,
                      ArtifactId artifact) {
  if (regexes_ == nullptr || fact.value.empty()) {
    return;
  }
  for (const PatternHit& hit : regexes_->Scan(AsBytes(fact.value))) {
    bool wanted = false;
    for (const auto& [regex, key] : asked.regexes) {
      if (regex != hit.pattern) {
        continue;
      }
      wanted = true;
      if (key != kNoKey) {
        Note(key, artifact);
      }
    }
    if (wanted) {
      matching_[&fact].push_back(hit.pattern);
    }
  }
}

void Index::IndexChecks() {
  if (dossier_.checks.empty() || size() == 0) {
    return;
  }
  std::unordered_map<std::string_view, ArtifactId> by_path;
  for (const Node& node : dossier_.survey.nodes) {
    by_path.try_emplace(node.artifact.path, node.artifact.id);
  }
  for (const SignatureCheck& check : dossier_.checks) {
    ArtifactId about =
        check.artifact < dossier_.survey.nodes.size() ? check.artifact : 0;
    if (const auto target = by_path.find(check.target);
        target != by_path.end()) {
      about = target->second;
    }
    checks_[about].push_back(&check);
  }
  if (const auto key = keys_.find("check"); key != keys_.end()) {
    for (const auto& [artifact, checks] : checks_) {
      Note(key->second, artifact);
    }
  }
}

void Index::IndexDiscrepancies() {
  if (size() == 0) {
    return;
  }
  for (const Discrepancy& one : dossier_.reconciliation.discrepancies) {
    const bool known = one.artifact < dossier_.survey.nodes.size();
    discrepancies_[known ? one.artifact : 0].push_back(&one);
  }
  if (const auto key = keys_.find("discrepancy"); key != keys_.end()) {
    for (const auto& [artifact, discrepancies] : discrepancies_) {
      Note(key->second, artifact);
    }
  }
}

std::optional<Key> Index::KeyOf(const Condition& leaf) const {
  const auto found = keys_.find(KeyName(leaf));
  return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

std::span<const ArtifactId> Index::ArtifactsWith(Key key) const {
  return artifacts_[key];
}

std::span<const SignatureCheck* const> Index::ChecksOf(ArtifactId id) const {
  return Find(checks_, id);
}

std::span<const Discrepancy* const> Index::DiscrepanciesOf(
    ArtifactId id) const {
  return Find(discrepancies_, id);
}

Provenance Index::ProvenanceOf(ArtifactId id) const {
  return provenance_[HolderOf(id)];
}

bool Index::ValueMatches(const Fact& fact, std::uint32_t regex) const {
  const auto found = matching_.find(&fact);
  return found != matching_.end() &&
         std::find(found->second.begin(), found->second.end(), regex) !=
             found->second.end();
}

}  // namespace assay::rules
