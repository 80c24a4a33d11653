#include "verifier/engine/release_pairs.h"

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace assay::engine {
namespace {

using Ids = std::vector<ArtifactId>;

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
  Pairer(const Survey& before, const Survey& now)
      : before_(before),
        now_(now),
        old_children_(ChildrenOf(before)),
        new_children_(ChildrenOf(now)),
        pairs_(now.nodes.size(), kNoArtifact),
        taken_(before.nodes.size(), false) {}

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

  static std::vector<Ids> ChildrenOf(const Survey& survey) {
    std::vector<Ids> children(survey.nodes.size());
    for (const Node& node : survey.nodes) {
      if (node.artifact.parent < children.size()) {
        children[node.artifact.parent].push_back(node.artifact.id);
      }
    }
    return children;
  }

  // The step of its address that leads to it.
  static std::string_view NameOf(const Survey& survey, ArtifactId id) {
    const Artifact& artifact = survey.At(id);
    const std::string_view path = artifact.path;
    const std::string above = survey.At(artifact.parent).path + "!/";
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

  const Survey& before_;
  const Survey& now_;
  std::vector<Ids> old_children_;
  std::vector<Ids> new_children_;
  Ids pairs_;
  std::vector<bool> taken_;
};

}  // namespace

Ids PairReleases(const Survey& before, const Survey& now) {
  return Pairer(before, now).Run();
}

}  // namespace assay::engine
