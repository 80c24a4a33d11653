#include "sbom/digest_comparison.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay::sbom {

std::span<const Digest> DigestsToCompare(const Component& component) {
  constexpr std::size_t kMost = 32;
  return std::span(component.digests)
      .first(std::min(component.digests.size(), kMost));
}

DigestComparison CompareDigests(const Component& component,
                                const Artifact& artifact) {
  for (const Digest& digest : DigestsToCompare(component)) {
    const std::string actual = artifact.HexOf(digest.algorithm);
    if (!actual.empty() && actual != digest.hex) {
      const std::string_view algorithm = NameOf(digest.algorithm);
      return {.differs = true,
              .claimed = fmt::format("{}:{}", algorithm, digest.hex),
              .found = fmt::format("{}:{}", algorithm, actual)};
    }
  }
  return {};
}

const std::vector<ArtifactId>& ArtifactsWithContent(const ProductIndex& index,
                                                    const Digest& digest) {
  static const std::vector<ArtifactId> kNobody;
  const auto& artifacts = index.WithDigest(digest);
  return artifacts.empty() || index.At(artifacts.front()).size == 0 ? kNobody
                                                                    : artifacts;
}

}  // namespace assay::sbom
