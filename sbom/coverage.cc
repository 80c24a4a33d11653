#include "sbom/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "verifier/base/time.h"

namespace assay::sbom {
namespace {

constexpr std::uint64_t kSmallest = 512;
constexpr std::uint64_t kHeaviest = 10;
constexpr UnixTime kEndOfTime = 253'402'300'799;  // of the year 9999

std::uint64_t UnknownBytes(const Artifact& artifact) {
  std::uint64_t bytes = 0;
  for (const StructureRange& part : artifact.structure) {
    bytes += part.role == Structure::kUnknown ? part.range.length : 0;
  }
  return bytes;
}

// 1 to 10: a tenth of the product costs 1.
std::uint8_t WeightOf(std::uint64_t bytes, std::uint64_t whole) {
  const std::uint64_t tenth = std::max<std::uint64_t>(whole / kHeaviest, 1);
  return static_cast<std::uint8_t>(
      std::clamp<std::uint64_t>(bytes / tenth, 1, kHeaviest));
}

bool IsNewer(const Artifact& one, const Artifact* than) {
  return than == nullptr || *one.meta.mtime > *than->meta.mtime;
}

const Artifact* NewestFile(const ProductIndex& index) {
  const Artifact* newest = nullptr;
  for (ArtifactId id = 0; id < index.size(); ++id) {
    const Artifact& one = index.At(id);
    const ArtifactId tree = index.TreeOf(id);
    const bool inside = id != tree && index.At(tree).has_content &&
                        index.IsFileTree(tree) && one.has_content &&
                        one.meta.mtime.value_or(kEndOfTime) < kEndOfTime;
    if (inside && IsNewer(one, newest)) {
      newest = &one;
    }
  }
  return newest;
}

}  // namespace

Coverage MeasureCoverage(const ProductIndex& index) {
  Coverage coverage;
  std::vector<ArtifactId> opaque;
  std::uint64_t hidden = 0;
  for (ArtifactId id = 0; id < index.size(); ++id) {
    const Artifact& one = index.At(id);
    if (!one.has_content) {
      continue;
    }
    const std::uint64_t unknown = UnknownBytes(one);
    const bool leaf = index.Children(id).empty();
    coverage.bytes.whole += leaf ? one.size : unknown;
    if (leaf && one.examination == Examination::kOpaque) {
      hidden += one.size;
      if (one.size >= kSmallest) {
        opaque.push_back(id);
      }
    } else {
      hidden += unknown;
    }
  }
  coverage.bytes.part = coverage.bytes.whole - hidden;
  for (const ArtifactId id : opaque) {
    const Artifact& one = index.At(id);
    coverage.opaque.push_back(
        {.kind = DiscrepancyKind::kOpaqueRegion,
         .component = one.inner_path.empty() ? one.name : one.inner_path,
         .artifact = id,
         .found = fmt::format("{} bytes that could not be looked into{}{}",
                              one.size, one.opaque_reason.empty() ? "" : ": ",
                              one.opaque_reason),
         .weight = WeightOf(one.size, coverage.bytes.whole)});
  }
  return coverage;
}

std::vector<Discrepancy> FindNewerThanDocument(
    const std::vector<HeldDocument>& documents, const ProductIndex& index) {
  constexpr std::int64_t kTolerance = 2 * 24 * 60 * 60;
  std::vector<Discrepancy> found;
  const Artifact* newest = NewestFile(index);
  for (const HeldDocument& held : documents) {
    const auto time = ParseTime(held.document.timestamp);
    if (newest == nullptr || held.embedded || !time ||
        *newest->meta.mtime <= *time + kTolerance) {
      continue;
    }
    found.push_back(
        {.kind = DiscrepancyKind::kWrongSubject,
         .component = newest->inner_path,
         .artifact = newest->id,
         .claimed = fmt::format("the SBOM is of {}", held.document.timestamp),
         .found = fmt::format("changed at {}", FormatTime(*newest->meta.mtime)),
         .document = held.holder});
  }
  return found;
}

}  // namespace assay::sbom
