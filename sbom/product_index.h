// Finding the artifacts of a product by path and by digest.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "verifier/base/merged_path.h"
#include "verifier/model/survey.h"

namespace assay::sbom {

// By format or by mode.
[[nodiscard]] bool IsExecutable(const Artifact& artifact);

// The key of a digest among digests of all algorithms.
[[nodiscard]] std::string KeyOf(const Digest& digest);

class ProductIndex {
 public:
  // The survey must outlive the index.
  explicit ProductIndex(const Survey& survey);

  [[nodiscard]] const Survey& survey() const { return survey_; }
  [[nodiscard]] std::size_t size() const { return survey_.nodes.size(); }
  [[nodiscard]] const Artifact& At(ArtifactId id) const {
    return survey_.At(id);
  }

  // The container that holds an artifact: its nearest ancestor with content,
  // or the product's root folder. The root's is itself.
  [[nodiscard]] ArtifactId TreeOf(ArtifactId id) const {
    return tree_of_.at(id);
  }
  // Whether the container is a file system or an archive of named files, as
  // against a compressed stream, a flash image or a folder of deliveries.
  [[nodiscard]] bool IsFileTree(ArtifactId id) const {
    return is_file_tree_.at(id);
  }
  // The only child, or kNoArtifact when there is none or more than one.
  [[nodiscard]] ArtifactId OnlyChild(ArtifactId id) const;
  [[nodiscard]] const std::vector<ArtifactId>& Children(ArtifactId id) const {
    return children_.at(id);
  }

  // What a symbolic link leads to, in at most a few steps and inside its
  // container: an artifact with content, or kNoArtifact.
  [[nodiscard]] ArtifactId TargetOf(ArtifactId link) const;

  // By merged path, in order of id.
  [[nodiscard]] const std::vector<ArtifactId>& AnywhereAt(
      std::string_view path) const;
  [[nodiscard]] const std::vector<ArtifactId>& InTree(
      ArtifactId tree, std::string_view path) const;
  [[nodiscard]] const std::vector<ArtifactId>& WithDigest(
      const Digest& digest) const;

 private:
  using Index = std::unordered_map<std::string, std::vector<ArtifactId>>;

  void AddPaths(const Artifact& artifact);
  void SetTree(const Artifact& artifact);

  const Survey& survey_;
  std::vector<ArtifactId> tree_of_;
  std::vector<bool> is_file_tree_;
  std::vector<std::vector<ArtifactId>> children_;
  Index by_path_;
  Index by_tree_and_path_;
  Index by_digest_;
};

}  // namespace assay::sbom
