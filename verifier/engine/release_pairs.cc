#include "verifier/engine/release_pairs.h"

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "verifier/model/leaf.h"

namespace assay::engine {
namespace {

using Ids = std::vector<ArtifactId>;
using Tree = std::vector<const Artifact*>;

// "router-1.0.bin" -> "router-#.#.bin"
std::string WithoutNumbers(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c < '0' || c > '9') {
      text += c;
    } else if (text.empty() || text.back() != '#') {
      text += '#';
    }
  }
  return text;
}

std::string AsItIs(std::string_view name) {
  return std::string(name);
}

std::string WithoutNumbersInFront(std::string_view name) {
  const auto folder = name.find('/');
  return folder == std::string_view::npos
             ? WithoutNumbers(name)
             : WithoutNumbers(name.substr(0, folder)) +
                   std::string(name.substr(folder));
}

// What only child and only child have in common.
std::string Nothing(std::string_view /*name*/) {
  return {};
}

class Pairer {
 public:
  Pairer(Tree before, Tree now)
      : before_(std::move(before)),
        now_(std::move(now)),
        old_children_(ChildrenOf(before_)),
        new_children_(ChildrenOf(now_)),
        pairs_(now_.size(), kNoArtifact),
        taken_(before_.size(), false) {}

  Ids Run() {
    if (pairs_.empty() || taken_.empty()) {
      return pairs_;
    }
    Pair(0, 0);
    // Parents stand before their children.
    for (ArtifactId id = 0; id < pairs_.size(); ++id) {
      if (pairs_[id] != kNoArtifact) {
        PairChildren(pairs_[id], id);
      }
    }
    return pairs_;
  }

 private:
  using Form = std::string (*)(std::string_view);

  static std::vector<Ids> ChildrenOf(const Tree& tree) {
    std::vector<Ids> children(tree.size());
    for (const Artifact* artifact : tree) {
      if (artifact->parent < children.size()) {
        children[artifact->parent].push_back(artifact->id);
      }
    }
    return children;
  }

  // The step of its address that leads to it.
  static std::string_view NameOf(const Tree& tree, ArtifactId id) {
    const Artifact& artifact = *tree.at(id);
    const std::string_view path = artifact.path;
    const std::string above = tree.at(artifact.parent)->path + "!/";
    return path.substr(0, above.size()) == above ? path.substr(above.size())
                                                 : path;
  }

  void Pair(ArtifactId old_id, ArtifactId new_id) {
    pairs_[new_id] = old_id;
    taken_[old_id] = true;
  }

  // Those that are alone with a form of their name on both sides.
  void PairChildren(ArtifactId old_parent, ArtifactId new_parent) {
    for (const Form form :
         {AsItIs, WithoutNumbersInFront, WithoutNumbers, Nothing}) {
      std::map<std::string, std::array<Ids, 2>> alike;
      for (const ArtifactId id : old_children_[old_parent]) {
        if (!taken_[id]) {
          alike[form(NameOf(before_, id))][0].push_back(id);
        }
      }
      for (const ArtifactId id : new_children_[new_parent]) {
        if (pairs_[id] == kNoArtifact) {
          alike[form(NameOf(now_, id))][1].push_back(id);
        }
      }
      for (const auto& [name, sides] : alike) {
        if (sides[0].size() == 1 && sides[1].size() == 1) {
          Pair(sides[0].front(), sides[1].front());
        }
      }
    }
  }

  Tree before_;
  Tree now_;
  std::vector<Ids> old_children_;
  std::vector<Ids> new_children_;
  Ids pairs_;
  std::vector<bool> taken_;
};

Tree TreeOf(const Survey& survey) {
  Tree tree;
  for (const Node& node : survey.nodes) {
    tree.push_back(&node.artifact);
  }
  return tree;
}

Tree TreeOf(const std::vector<Artifact>& artifacts) {
  Tree tree;
  for (const Artifact& artifact : artifacts) {
    tree.push_back(&artifact);
  }
  return tree;
}

std::vector<bool> PairFilesThatMoved(const Tree& before, const Tree& now,
                                     Ids& pairs) {
  std::unordered_map<std::string, std::deque<ArtifactId>> gone;
  const std::set<ArtifactId> met(pairs.begin(), pairs.end());
  for (const Artifact* artifact : before) {
    if (IsLeaf(*artifact) && !artifact->redacted &&
        met.count(artifact->id) == 0) {
      gone[artifact->sha256()].push_back(artifact->id);
    }
  }
  std::vector<bool> moved(now.size());
  for (const Artifact* artifact : now) {
    const auto from = gone.find(artifact->sha256());
    ArtifactId& old = pairs[artifact->id];
    if (IsLeaf(*artifact) && old == kNoArtifact && from != gone.end() &&
        !from->second.empty()) {
      old = from->second.front();
      from->second.pop_front();
      moved[artifact->id] = true;
    }
  }
  return moved;
}

}  // namespace

Ids PairReleases(const Survey& before, const Survey& now) {
  return Pairer(TreeOf(before), TreeOf(now)).Run();
}

Ids PairReleases(const std::vector<Artifact>& before,
                 const std::vector<Artifact>& now) {
  return Pairer(TreeOf(before), TreeOf(now)).Run();
}

std::vector<bool> PairMoved(const Survey& before, const Survey& now,
                            Ids& pairs) {
  return PairFilesThatMoved(TreeOf(before), TreeOf(now), pairs);
}

std::vector<bool> PairMoved(const std::vector<Artifact>& before,
                            const std::vector<Artifact>& now, Ids& pairs) {
  return PairFilesThatMoved(TreeOf(before), TreeOf(now), pairs);
}

}  // namespace assay::engine
