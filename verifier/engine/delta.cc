#include "verifier/engine/delta.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace assay::engine {
namespace {

// Imports that start programs, open the network, change rights or load code.
struct Weighed {
  std::string_view name = {};
  std::uint32_t weight = 0;
};

constexpr std::array<Weighed, 33> kImports = {{
    {"system", 9},       {"popen", 9},         {"execl", 8},
    {"execle", 8},       {"execlp", 8},        {"execv", 8},
    {"execve", 8},       {"execvp", 8},        {"execvpe", 8},
    {"posix_spawn", 8},  {"posix_spawnp", 8},  {"fexecve", 9},
    {"memfd_create", 8}, {"ptrace", 8},        {"setuid", 7},
    {"setreuid", 7},     {"setresuid", 7},     {"setgid", 6},
    {"listen", 7},       {"accept", 7},        {"accept4", 7},
    {"bind", 6},         {"connect", 5},       {"socket", 5},
    {"sendto", 5},       {"recvfrom", 5},      {"dlopen", 6},
    {"dlsym", 5},        {"mprotect", 5},      {"pthread_create", 4},
    {"getaddrinfo", 4},  {"gethostbyname", 4}, {"unlink", 3},
}};

constexpr std::array<Weighed, 20> kKinds = {{
    {"listener", 8},
    {"account", 7},
    {"password.hash", 8},
    {"ssh.authorized_key", 9},
    {"sudo.rule", 7},
    {"startup", 6},
    {"cron", 6},
    {"preload", 9},
    {"package.script", 6},
    {"certificate", 5},
    {"private_key", 7},
    {"file.setuid", 8},
    {"file.setgid", 6},
    {"file.capability", 8},
    {"file.device", 5},
    {"elf.ifunc", 6},
    {"elf.audit", 9},
    {"elf.rpath", 4},
    {"url", 3},
    {"address", 4},
}};

template <std::size_t n>
std::uint32_t WeightIn(const std::array<Weighed, n>& list,
                       std::string_view name, std::uint32_t otherwise) {
  const auto found =
      std::find_if(list.begin(), list.end(),
                   [&](const Weighed& one) { return one.name == name; });
  return found == list.end() ? otherwise : found->weight;
}

// 0: what this fact says is no trait.
std::uint32_t WeightOf(const Fact& fact) {
  if (fact.kind == "elf.import") {
    return WeightIn(kImports, fact.value, 1);
  }
  if (fact.kind == "elf.needed" || fact.kind == "elf.export") {
    return 1;
  }
  if (fact.kind == "command") {
    return fact.Attribute("pipe_to").empty() ? 2 : 3;
  }
  return WeightIn(kKinds, fact.kind, fact.kind == "domain" ? 3 : 0);
}

// The name of what was delivered: the product's, or of one file of a folder.
std::string_view DeliveredIn(const Artifact& artifact) {
  const std::string_view path = artifact.path;
  return path.substr(0, path.find("!/"));
}

// "router-1.0.bin" and "router-1.1.bin" are the same file of two releases.
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

bool IsFolder(const Survey& survey) {
  return !survey.nodes.empty() && !survey.nodes[0].artifact.has_content;
}

std::set<std::string_view> DeliveredNames(const Survey& survey) {
  std::set<std::string_view> names;
  for (std::size_t i = IsFolder(survey) ? 1 : 0; i < survey.nodes.size(); ++i) {
    names.insert(DeliveredIn(survey.nodes[i].artifact));
  }
  return names;
}

using Names = std::map<std::string_view, std::string_view>;

// What the new release calls a file that the old one calls otherwise. Files
// that are alike but for their numbers are told apart by nothing: of these only
// the one that is alone on both sides has a new name.
Names RenamedFiles(const Survey& before, const Survey& now) {
  const auto old_names = DeliveredNames(before);
  const auto new_names = DeliveredNames(now);
  if (!IsFolder(before) && !IsFolder(now) && !old_names.empty() &&
      !new_names.empty()) {
    return {{*old_names.begin(), *new_names.begin()}};
  }
  std::map<std::string, std::pair<std::vector<std::string_view>,
                                  std::vector<std::string_view>>>
      alike;
  for (const std::string_view name : old_names) {
    if (new_names.count(name) == 0) {
      alike[WithoutNumbers(name)].first.push_back(name);
    }
  }
  for (const std::string_view name : new_names) {
    if (old_names.count(name) == 0) {
      alike[WithoutNumbers(name)].second.push_back(name);
    }
  }
  Names renamed;
  for (const auto& [form, sides] : alike) {
    if (sides.first.size() == 1 && sides.second.size() == 1) {
      renamed.emplace(sides.first.front(), sides.second.front());
    }
  }
  return renamed;
}

// The old artifact's address, as the new release would call it.
std::string PlaceOf(const Artifact& artifact, const Names& renamed) {
  const std::string_view delivered = DeliveredIn(artifact);
  const auto name = renamed.find(delivered);
  return name == renamed.end() ? artifact.path
                               : std::string(name->second) +
                                     artifact.path.substr(delivered.size());
}

// A container is what it holds; only its leaves are compared.
bool IsLeaf(const Artifact& artifact) {
  return artifact.has_content &&
         std::none_of(artifact.structure.begin(), artifact.structure.end(),
                      [](const StructureRange& part) {
                        return part.role == Structure::kMember;
                      });
}

using Trait = std::pair<std::string_view, std::string_view>;  // kind, value

std::set<Trait> TraitsOf(const Node& node) {
  std::set<Trait> traits;
  for (const Fact& fact : node.seen.facts) {
    if (WeightOf(fact) > 0) {
      traits.emplace(fact.kind, fact.value);
    }
  }
  return traits;
}

class Comparison {
 public:
  Comparison(const Survey& before, Survey& now) : now_(now) {
    const Names renamed = RenamedFiles(before, now);
    for (const Node& node : before.nodes) {
      if (!IsCompared(node)) {
        continue;
      }
      before_.emplace(PlaceOf(node.artifact, renamed), &node);
      contents_.insert(node.artifact.sha256());
      const auto traits = TraitsOf(node);
      known_.insert(traits.begin(), traits.end());
    }
  }

  Delta Run() {
    for (Node& node : now_.nodes) {
      if (IsCompared(node)) {
        Compare(node);
      }
    }
    for (const auto& [place, node] : before_) {
      if (met_.count(place) == 0 && IsLeaf(node->artifact) &&
          contents_now_.count(node->artifact.sha256()) == 0) {
        delta_.files.push_back({FileChange::kRemoved, node->artifact.path});
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
    const auto old = before_.find(artifact.path);
    const Node* was = old == before_.end() ? nullptr : old->second;
    if (was != nullptr) {
      met_.insert(old->first);
    }
    contents_now_.insert(artifact.sha256());
    const bool same =
        was != nullptr && was->artifact.sha256() == artifact.sha256();
    const auto had = was == nullptr ? std::set<Trait>() : TraitsOf(*was);
    const bool moved = was == nullptr && artifact.has_content &&
                       contents_.count(artifact.sha256()) != 0;
    const FileChange change = moved                   ? FileChange::kMoved
                              : was == nullptr        ? FileChange::kAdded
                              : had == TraitsOf(node) ? FileChange::kRebuilt
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
      const Trait trait(fact.kind, fact.value);
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

  Survey& now_;
  std::map<std::string, const Node*> before_;  // by place
  std::set<std::string_view> met_;
  std::unordered_set<std::string> contents_;
  std::unordered_set<std::string> contents_now_;
  std::set<Trait> known_;  // views into the surveys' facts
  Delta delta_;
};

}  // namespace

Delta CompareReleases(const Survey& before, Survey& now) {
  return Comparison(before, now).Run();
}

}  // namespace assay::engine
