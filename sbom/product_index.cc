#include "sbom/product_index.h"

#include <fmt/format.h>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

const std::vector<ArtifactId>& Find(
    const std::unordered_map<std::string, std::vector<ArtifactId>>& index,
    const std::string& key) {
  static const std::vector<ArtifactId> kNone;
  const auto found = index.find(key);
  return found == index.end() ? kNone : found->second;
}

// `target` as seen from `folder`; a step ".." above the root stays there.
std::string Resolved(std::string_view folder, std::string_view target) {
  std::vector<std::string_view> steps;
  for (const std::string_view part : {folder, target}) {
    for (const std::string_view step : Split(part, '/')) {
      if (step == "..") {
        if (!steps.empty()) {
          steps.pop_back();
        }
      } else if (!step.empty() && step != ".") {
        steps.push_back(step);
      }
    }
  }
  std::string path;
  for (const std::string_view step : steps) {
    path.append(path.empty() ? "" : "/").append(step);
  }
  return path;
}

std::string TreeKey(ArtifactId tree, std::string_view path) {
  return fmt::format("{}/{}", tree, path);
}

}  // namespace

bool IsExecutable(const Artifact& artifact) {
  return artifact.format == "elf" || artifact.format == "pe" ||
         (artifact.meta.mode.value_or(0) & 0111U) != 0;
}

std::string KeyOf(const Digest& digest) {
  return fmt::format("{}:{}", NameOf(digest.algorithm), digest.hex);
}

ProductIndex::ProductIndex(const Survey& survey)
    : survey_(survey),
      tree_of_(survey.nodes.size(), 0),
      is_file_tree_(survey.nodes.size(), false),
      children_(survey.nodes.size()) {
  for (const Node& node : survey.nodes) {
    SetTree(node.artifact);
    AddPaths(node.artifact);
    for (const Digest& digest : node.artifact.digests) {
      by_digest_[KeyOf(digest)].push_back(node.artifact.id);
    }
  }
}

void ProductIndex::SetTree(const Artifact& artifact) {
  const ArtifactId parent = artifact.parent;
  if (parent >= artifact.id) {  // the root
    tree_of_[artifact.id] = artifact.id;
    return;
  }
  children_[parent].push_back(artifact.id);
  const ArtifactId tree = At(parent).has_content ? parent : TreeOf(parent);
  tree_of_[artifact.id] = tree;
  // Streams and flash parts have neither modes nor folders; a root without
  // content is a folder of deliveries.
  const bool named = artifact.meta.mode.has_value() ||
                     artifact.meta.type == FileType::kDirectory ||
                     artifact.inner_path.find('/') != std::string::npos;
  if (named && At(tree).has_content) {
    is_file_tree_[tree] = true;
  }
}

void ProductIndex::AddPaths(const Artifact& artifact) {
  const bool root = artifact.id == 0;
  if (artifact.inner_path.empty() && !root) {
    return;
  }
  const std::string path = MergedPath(
      artifact.inner_path.empty() ? artifact.name : artifact.inner_path);
  by_path_[path].push_back(artifact.id);
  by_tree_and_path_[TreeKey(TreeOf(artifact.id), path)].push_back(artifact.id);
}

ArtifactId ProductIndex::OnlyChild(ArtifactId id) const {
  const auto& children = Children(id);
  return children.size() == 1 ? children.front() : kNoArtifact;
}

ArtifactId ProductIndex::TargetOf(ArtifactId link) const {
  constexpr int kMostSteps = 8;
  ArtifactId at = link;
  for (int step = 0; step < kMostSteps; ++step) {
    const Artifact& one = At(at);
    if (one.has_content) {
      return at;
    }
    const std::string& target = one.meta.link_target;
    if (one.meta.type != FileType::kSymlink || target.empty()) {
      break;
    }
    const std::string_view folder =
        target.front() == '/' ? std::string_view()
                              : std::string_view(one.inner_path)
                                    .substr(0, one.inner_path.rfind('/') + 1);
    const auto& found =
        InTree(TreeOf(at), MergedPath(Resolved(folder, target)));
    if (found.empty()) {
      break;
    }
    at = found.front();
  }
  return kNoArtifact;
}

const std::vector<ArtifactId>& ProductIndex::AnywhereAt(
    std::string_view path) const {
  return Find(by_path_, std::string(path));
}

const std::vector<ArtifactId>& ProductIndex::InTree(
    ArtifactId tree, std::string_view path) const {
  return Find(by_tree_and_path_, TreeKey(tree, path));
}

const std::vector<ArtifactId>& ProductIndex::WithDigest(
    const Digest& digest) const {
  return Find(by_digest_, KeyOf(digest));
}

}  // namespace assay::sbom
