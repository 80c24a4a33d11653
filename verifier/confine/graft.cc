#include "verifier/confine/graft.h"

#include <algorithm>
#include <utility>

#include "verifier/unpack/partition.h"

namespace assay::confine {
namespace {

struct Twig {
  Node node = {};
  std::vector<Twig> children = {};
};

// From "children first" to a tree: a node takes what came before it and lies
// deeper.
std::vector<Twig> Bundled(std::vector<Node> finished) {
  std::vector<Twig> open;
  for (Node& node : finished) {
    auto first = open.end();
    while (first != open.begin() &&
           std::prev(first)->node.artifact.depth > node.artifact.depth) {
      --first;
    }
    Twig twig{.node = std::move(node)};
    twig.children.assign(std::make_move_iterator(first),
                         std::make_move_iterator(open.end()));
    open.erase(first, open.end());
    open.push_back(std::move(twig));
  }
  return open;
}

// Which of its bytes the children hold; the rest keeps its role.
void ClaimFor(Artifact& artifact, const std::vector<Twig>& children) {
  if (!artifact.has_content) {
    return;
  }
  std::vector<StructureRange> claims;
  for (const Twig& child : children) {
    if (child.node.artifact.origin) {
      claims.push_back({*child.node.artifact.origin, Structure::kMember});
    }
  }
  const Structure rest = artifact.structure.empty()
                             ? Structure::kUnknown
                             : artifact.structure.front().role;
  artifact.structure =
      unpack::Partition(std::move(claims), artifact.size, rest);
}

}  // namespace

std::vector<Node> Grafted(std::vector<Node> tree, Grafts grafts) {
  if (grafts.empty()) {
    return tree;
  }
  std::vector<Node> whole;
  std::vector<ArtifactId> chain;  // of the last node, by depth
  std::vector<Twig> waiting;      // the next one last
  for (auto node = tree.rbegin(); node != tree.rend(); ++node) {
    waiting.push_back({.node = std::move(*node)});
  }
  while (!waiting.empty()) {
    Twig twig = std::move(waiting.back());
    waiting.pop_back();
    Artifact& artifact = twig.node.artifact;
    if (const auto found = grafts.find(artifact.path); found != grafts.end()) {
      std::vector<Twig> inside = Bundled(std::move(found->second));
      grafts.erase(found);
      ClaimFor(artifact, inside);
      twig.children = std::move(inside);
    }
    for (auto child = twig.children.rbegin(); child != twig.children.rend();
         ++child) {
      waiting.push_back(std::move(*child));
    }
    chain.resize(std::min<std::size_t>(chain.size(), artifact.depth));
    artifact.id = static_cast<ArtifactId>(whole.size());
    artifact.parent = chain.empty() ? kNoArtifact : chain.back();
    chain.push_back(artifact.id);
    whole.push_back(std::move(twig.node));
  }
  return whole;
}

}  // namespace assay::confine
