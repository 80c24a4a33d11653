#include "verifier/engine/delta.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "verifier/engine/release_pairs.h"
#include "verifier/model/programs.h"

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

constexpr std::array<Weighed, 26> kKinds = {{
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
    {"elf.ability", 1},  // the imports behind it have their weights
    {"elf.constructors", 5},
    {"elf.oddity", 7},
    {"bpf.filter", 8},
    {"bpf.program", 7},
    {"bpf.helper", 6},
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
  Comparison(const Survey& before, Survey& now)
      : before_(before), now_(now), pairs_(PairReleases(before, now)) {
    for (const Node& node : before.nodes) {
      if (IsCompared(node)) {
        contents_.insert(node.artifact.sha256());
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
      if (IsLeaf(artifact) && met.count(artifact.id) == 0 &&
          contents_now_.count(artifact.sha256()) == 0) {
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
    contents_now_.insert(artifact.sha256());
    const bool same =
        was != nullptr && was->artifact.sha256() == artifact.sha256();
    const auto had = was == nullptr ? std::set<Trait>() : TraitsOf(*was);
    const bool moved = was == nullptr && artifact.has_content &&
                       contents_.count(artifact.sha256()) != 0;
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

  const Survey& before_;
  Survey& now_;
  std::vector<ArtifactId> pairs_;  // old ones, by new one
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
