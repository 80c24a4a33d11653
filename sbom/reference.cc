#include "sbom/reference.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "sbom/packages.h"
#include "sbom/product_index.h"
#include "sbom/scores.h"
#include "sbom/versions.h"

namespace assay::sbom {
namespace {

class Comparer {
 public:
  Comparer(const Survey& product, const Survey& reference)
      : product_(product),
        reference_(reference),
        records_(CollectPackages(product_)),
        originals_(CollectPackages(reference_)) {
    for (ArtifactId id = 0; id < product_.size(); ++id) {
      if (records_.listed_by[id] != kNone) {
        files_[records_.listed_by[id]].push_back(id);
      }
    }
    for (ArtifactId id = 0; id < reference_.size(); ++id) {
      AddOriginal(id);
    }
  }

  ModifiedBuilds Run() {
    std::multimap<std::string, std::size_t> by_name;
    for (std::size_t i = 0; i < originals_.packages.size(); ++i) {
      by_name.emplace(originals_.packages[i].identity.name, i);
    }
    for (std::size_t k = 0; k < records_.packages.size(); ++k) {
      const Identity& identity = records_.packages[k].identity;
      const auto [begin, end] = by_name.equal_range(identity.name);
      for (auto one = begin; one != end; ++one) {
        if (IsSame(originals_.packages[one->second].identity, identity)) {
          Compare(one->second, k);
        }
      }
    }
    return std::move(result_);
  }

 private:
  static bool IsSame(const Identity& a, const Identity& b) {
    return a.arch == b.arch && !a.version.empty() &&
           CompareVersions(VersionOrderOf(a.type), a.version, b.version) == 0;
  }

  // A file lies in the archive of its package, whether or not the package
  // lists it.
  void AddOriginal(ArtifactId id) {
    for (ArtifactId at = id; at != 0; at = reference_.At(at).parent) {
      const std::size_t package =
          originals_.archive_of[reference_.At(at).parent];
      if (package != kNone && reference_.At(id).has_content) {
        original_[{package, MergedPath(reference_.At(id).inner_path)}] = id;
        return;
      }
    }
  }

  void Compare(std::size_t original, std::size_t package) {
    for (const ArtifactId id : files_[package]) {
      const Artifact& file = product_.At(id);
      const auto found =
          original_.find({original, MergedPath(file.inner_path)});
      if (found == original_.end() || !file.has_content) {
        continue;
      }
      const Artifact& reference = reference_.At(found->second);
      if (!IsExecutable(file) && !IsExecutable(reference)) {
        continue;
      }
      ++result_.compared;
      if (file.sha256() == reference.sha256()) {
        continue;
      }
      result_.found.push_back(
          {.kind = DiscrepancyKind::kModifiedBuild,
           .component = file.inner_path,
           .purl = records_.packages[package].purl,
           .artifact = id,
           .claimed = fmt::format("sha256:{} in {}", reference.sha256(),
                                  reference.path),
           .found = fmt::format("sha256:{}", file.sha256())});
    }
  }

  ProductIndex product_;
  ProductIndex reference_;
  PackageRecords records_;
  PackageRecords originals_;
  std::map<std::size_t, std::vector<ArtifactId>> files_;
  std::map<std::pair<std::size_t, std::string>, ArtifactId> original_;
  ModifiedBuilds result_;
};

}  // namespace

ModifiedBuilds FindModifiedBuilds(const Survey& product,
                                  const Survey& reference) {
  return Comparer(product, reference).Run();
}

std::size_t AddModifiedBuilds(const Survey& product, const Survey& reference,
                              Reconciliation& result) {
  auto [found, compared] = FindModifiedBuilds(product, reference);
  Weigh(ProductIndex(product), found);
  result.discrepancies.insert(result.discrepancies.end(), found.begin(),
                              found.end());
  if (result.scores) {
    Conclude(result.discrepancies, *result.scores);
  }
  return compared;
}

}  // namespace assay::sbom
