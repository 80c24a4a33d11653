#include "tests/support/product.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace assay::testing {

unpack::Product FileProduct(std::string name, Bytes content) {
  unpack::Product product{.name = name};
  product.files.push_back({.name = std::move(name),
                           .open = [source = ByteSource::Own(std::move(
                                        content))] { return source; }});
  return product;
}

unpack::Product FolderProduct(
    std::vector<std::pair<std::string, Bytes>> files) {
  unpack::Product product{.name = "folder", .directory = true};
  for (auto& [name, content] : files) {
    unpack::Product file = FileProduct(name, std::move(content));
    product.files.push_back(std::move(file.files.front()));
  }
  return product;
}

const Artifact& ArtifactAt(const Survey& survey, const std::string& path) {
  for (const Node& node : survey.nodes) {
    if (node.artifact.path == path) {
      return node.artifact;
    }
  }
  std::cerr << "no artifact " << path << "; there are\n";
  for (const Node& node : survey.nodes) {
    std::cerr << "  " << node.artifact.path << '\n';
  }
  std::abort();
}

bool HasAnomaly(const Artifact& artifact, const std::string& id) {
  return std::any_of(
      artifact.anomalies.begin(), artifact.anomalies.end(),
      [&](const AnomalyRecord& anomaly) { return anomaly.id == id; });
}

bool IsPartitioned(const Survey& survey, std::string* why) {
  for (const Node& node : survey.nodes) {
    const Artifact& artifact = node.artifact;
    std::uint64_t at = 0;
    for (const StructureRange& part : artifact.structure) {
      if (part.range.offset != at) {
        *why = artifact.path + ": gap";
        return false;
      }
      at = part.range.end();
    }
    if (artifact.has_content && at != artifact.size) {
      *why = artifact.path + ": sums to " + std::to_string(at) + " of " +
             std::to_string(artifact.size);
      return false;
    }
  }
  return true;
}

}  // namespace assay::testing
