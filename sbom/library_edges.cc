#include "sbom/library_edges.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <unordered_map>

namespace assay::sbom {
namespace {

// Owners of the files of one name in one file system.
using Libraries = std::unordered_map<std::string, std::set<std::size_t>>;

std::string KeyOf(ArtifactId tree, std::string_view name) {
  return fmt::format("{}/{}", tree, name);
}

Libraries CollectLibraries(const ProductIndex& index,
                           const PackageRecords& records) {
  Libraries libraries;
  for (ArtifactId id = 0; id < index.size(); ++id) {
    const std::string& path = index.At(id).inner_path;
    const std::string_view name =
        std::string_view(path).substr(path.rfind('/') + 1);
    if (records.listed_by[id] != kNone &&
        name.find(".so") != std::string_view::npos) {
      libraries[KeyOf(index.TreeOf(id), name)].insert(records.listed_by[id]);
    }
  }
  return libraries;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> LibraryEdges(
    const ProductIndex& index, const PackageRecords& records) {
  const Libraries libraries = CollectLibraries(index, records);
  std::set<std::pair<std::size_t, std::size_t>> edges;
  for (const Node& node : index.survey().nodes) {
    const std::size_t from = records.listed_by[node.artifact.id];
    if (from == kNone) {
      continue;
    }
    for (const Fact& fact : node.seen.facts) {
      if (fact.kind != "elf.needed") {
        continue;
      }
      const auto found =
          libraries.find(KeyOf(index.TreeOf(node.artifact.id), fact.value));
      if (found != libraries.end() && found->second.size() == 1 &&
          *found->second.begin() != from) {
        edges.emplace(from, *found->second.begin());
      }
    }
  }
  return {edges.begin(), edges.end()};
}

}  // namespace assay::sbom
