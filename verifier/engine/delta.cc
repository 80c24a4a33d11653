#include "verifier/engine/delta.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "verifier/engine/release_pairs.h"
#include "verifier/model/leaf.h"
#include "verifier/model/programs.h"
#include "verifier/model/trait.h"

namespace assay::engine {
namespace {

// A condition that lets something happen.
bool IsGate(const Fact& fact) {
  return fact.kind == "gate" && !fact.Attribute("opens").empty();
}

// A command whose output another one reads weighs more.
std::uint32_t WeightOf(const Fact& fact) {
  if (IsGate(fact)) {
    return 3;
  }
  const bool piped =
      fact.kind == "command" && !fact.Attribute("pipe_to").empty();
  return assay::WeightOf(fact.kind, fact.value) + (piped ? 1U : 0U);
}

using Trait = std::pair<std::string_view, std::string>;  // kind, value

Trait TraitOf(const Fact& fact) {
  if (!IsGate(fact)) {
    return {fact.kind, fact.value};
  }
  std::string asked = fact.value;
  for (const std::string_view name : {"opens", "text", "number", "masked"}) {
    asked.append(" ").append(fact.Attribute(name));
  }
  return {fact.kind, std::move(asked)};
}

std::set<Trait> TraitsOf(const Node& node) {
  std::set<Trait> traits;
  for (const Fact& fact : node.seen.facts) {
    if (WeightOf(fact) > 0) {
      traits.insert(TraitOf(fact));
    }
  }
  return traits;
}

class Comparison {
 public:
  Comparison(const Survey& before, Survey& now)
      : before_(before),
        now_(now),
        pairs_(PairReleases(before, now)),
        moved_(PairMoved(before, now, pairs_)) {
    for (const Node& node : before.nodes) {
      if (IsCompared(node)) {
        const auto traits = TraitsOf(node);
        known_.insert(traits.begin(), traits.end());
      }
    }
  }

  Delta Run() {
    for (Node& node : now_.nodes) {
      if (IsCompared(node)) {
        Compare(node);
      }
    }
    const std::set<ArtifactId> met(pairs_.begin(), pairs_.end());
    for (const Node& node : before_.nodes) {
      const Artifact& artifact = node.artifact;
      if (IsLeaf(artifact) && met.count(artifact.id) == 0) {
        delta_.files.push_back({FileChange::kRemoved, artifact.path});
      }
    }
    Sort();
    return std::move(delta_);
  }

 private:
  static bool IsCompared(const Node& node) {
    return IsLeaf(node.artifact) || !TraitsOf(node).empty();
  }

  void Compare(Node& node) {
    const Artifact& artifact = node.artifact;
    const ArtifactId old = pairs_.at(artifact.id);
    const Node* was = old == kNoArtifact ? nullptr : &before_.nodes.at(old);
    const bool moved = moved_[artifact.id];
    const bool same =
        was != nullptr && !moved && was->artifact.sha256() == artifact.sha256();
    const auto had = was == nullptr ? std::set<Trait>() : TraitsOf(*was);
    const FileChange change = moved            ? FileChange::kMoved
                              : was == nullptr ? FileChange::kAdded
                              : IsProgram(artifact) && had == TraitsOf(node)
                                  ? FileChange::kRebuilt
                                  : FileChange::kChanged;
    AddTraits(node, had);
    if (same) {
      delta_.same += IsLeaf(artifact) ? 1U : 0U;
    } else if (IsLeaf(artifact)) {
      delta_.files.push_back({change, artifact.path});
    }
  }

  void AddTraits(Node& node, const std::set<Trait>& had) {
    std::vector<Fact> news;
    std::set<Trait> told;
    for (const Fact& fact : node.seen.facts) {
      const std::uint32_t weight = WeightOf(fact);
      const Trait trait = TraitOf(fact);
      if (weight == 0 || had.count(trait) != 0 || !told.insert(trait).second) {
        continue;
      }
      const bool elsewhere = known_.count(trait) != 0;
      AddTrait({elsewhere ? (weight + 1) / 2 : weight, node.artifact.path,
                std::string(fact.kind), fact.value, elsewhere});
      news.push_back({.kind = "new",
                      .value = fact.value,
                      .attributes = {{"kind", std::string(fact.kind)},
                                     {"elsewhere", elsewhere ? "yes" : "no"}},
                      .place = fact.place,
                      .place_digest = fact.place_digest});
    }
    node.seen.facts.insert(node.seen.facts.end(),
                           std::make_move_iterator(news.begin()),
                           std::make_move_iterator(news.end()));
  }

  void AddTrait(NewTrait trait) {
    if (trait.weight > 1) {
      delta_.traits.push_back(std::move(trait));
    } else {
      ++delta_.light;
    }
  }

  void Sort() {
    std::sort(delta_.files.begin(), delta_.files.end(),
              [](const ChangedFile& a, const ChangedFile& b) {
                return std::tie(a.path, a.change) < std::tie(b.path, b.change);
              });
    std::sort(delta_.traits.begin(), delta_.traits.end(),
              [](const NewTrait& a, const NewTrait& b) {
                return std::tie(b.weight, a.path, a.kind, a.value) <
                       std::tie(a.weight, b.path, b.kind, b.value);
              });
  }

  const Survey& before_;
  Survey& now_;
  std::vector<ArtifactId> pairs_;  // old ones, by new one
  std::vector<bool> moved_;        // of the new ones
  std::set<Trait> known_;          // views into the surveys' facts
  Delta delta_;
};

}  // namespace

Delta CompareReleases(const Survey& before, Survey& now) {
  return Comparison(before, now).Run();
}

}  // namespace assay::engine
