#include "sbom/edge_claims.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sbom/library_edges.h"

namespace assay::sbom {
namespace {

// What one document says about dependencies.
class Graph {
 public:
  explicit Graph(const SbomDocument& document) {
    for (const Composition& composition : document.compositions) {
      if (composition.aggregate == "complete") {
        complete_.insert(composition.dependencies.begin(),
                         composition.dependencies.end());
      }
    }
    for (const SbomDocument::Dependency& one : document.dependencies) {
      targets_[one.from].push_back(one.to);
      if (one.completeness == "complete") {
        complete_.insert(one.from);
      }
    }
  }

  [[nodiscard]] bool IsComplete(std::string_view ref) const {
    return complete_.count(ref) != 0;
  }

  // Everything that `ref` depends on, in as many steps as it takes.
  [[nodiscard]] const std::set<std::string_view>& ReachOf(
      std::string_view ref) {
    constexpr std::size_t kKept = 64;
    if (reach_.size() > kKept) {
      reach_.clear();
    }
    const auto [entry, fresh] = reach_.try_emplace(ref);
    std::vector<std::string_view> open = {ref};
    while (fresh && !open.empty()) {
      const auto next = targets_.find(open.back());
      open.pop_back();
      if (next == targets_.end()) {
        continue;
      }
      for (const std::string_view target : next->second) {
        if (entry->second.insert(target).second) {
          open.push_back(target);
        }
      }
    }
    return entry->second;
  }

 private:
  std::set<std::string_view> complete_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> targets_;
  std::unordered_map<std::string_view, std::set<std::string_view>> reach_;
};

}  // namespace

EdgeCheck CheckEdges(const std::vector<HeldDocument>& documents,
                     const ProductIndex& index, const PackageRecords& records,
                     const ClaimSet& set) {
  EdgeCheck check;
  std::vector<Graph> graphs;
  for (const HeldDocument& held : documents) {
    graphs.emplace_back(held.document);
  }
  std::set<std::pair<std::size_t, std::size_t>> judged;
  for (const auto& [from, to] : LibraryEdges(index, records)) {
    const std::size_t user = records.packages[from].declared_by;
    const std::size_t used = records.packages[to].declared_by;
    if (user == kNone || used == kNone || user == used ||
        set.claims[user].document != set.claims[used].document ||
        !judged.emplace(user, used).second) {
      continue;
    }
    const std::size_t document = set.claims[user].document;
    const Component& component = *set.claims[user].component;
    const Component& target = *set.claims[used].component;
    Graph& graph = graphs[document];
    if (!graph.IsComplete(component.ref)) {
      continue;
    }
    ++check.edges.compared;
    if (graph.ReachOf(component.ref).count(target.ref) != 0) {
      ++check.edges.agreed;
      continue;
    }
    check.mismatches.push_back(
        {.kind = DiscrepancyKind::kEdgeMismatch,
         .component = component.name,
         .purl = component.purl,
         .artifact =
             records.packages[from].items.empty()
                 ? kNoArtifact
                 : records.inventory[records.packages[from].items[0]].artifact,
         .claimed = "a complete list of dependencies",
         .found = fmt::format("its programs load libraries of {}",
                              records.packages[to].display_name),
         .document = documents[document].holder,
         .pointer = component.pointer});
  }
  return check;
}

}  // namespace assay::sbom
