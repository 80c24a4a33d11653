#include "sbom/phantoms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "sbom/claim_tree.h"

namespace assay::sbom {
namespace {

// Types that stand for the whole, or for nothing that lies in a product.
bool IsNoContent(std::string_view type) {
  constexpr std::array<std::string_view, 8> kTypes = {"operating-system",
                                                      "device",
                                                      "firmware",
                                                      "platform",
                                                      "source",
                                                      "container",
                                                      "cryptographic-asset",
                                                      "machine-learning-model"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

// Package URL types for which a missing record means something.
bool HasCataloguer(std::string_view type) {
  constexpr std::array<std::string_view, 9> kTypes = {
      "", "generic", "apk", "deb", "gem", "npm", "opkg", "pypi", "rpm"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

class Finder {
 public:
  Finder(const std::vector<HeldDocument>& documents,
         const PackageRecords& records, const ClaimSet& set)
      : documents_(documents),
        set_(set),
        supported_(set.claims.size(), false),
        part_(set.part) {
    SpreadEvidence();
    const std::size_t package =
        records.archive_of.empty() ? kNone : records.archive_of.front();
    if (package != kNone) {
      NoteArchive(records.packages[package].declared_by);
    }
  }

  std::vector<Discrepancy> Run() const {
    std::vector<Discrepancy> found;
    for (std::size_t i = 0; i < set_.claims.size(); ++i) {
      if (IsPhantom(i) && !InsidePhantom(i)) {
        found.push_back(Describe(i));
      }
    }
    return found;
  }

  [[nodiscard]] bool IsToConfirm(std::size_t i) const {
    return Counts(i) && (supported_[i] || IsPhantom(i));
  }

 private:
  // A component is borne out by whatever it nests.
  void SpreadEvidence() {
    for (std::size_t i = 0; i < set_.claims.size(); ++i) {
      if (!set_.claims[i].HasEvidence()) {
        continue;
      }
      for (std::size_t at = i; at != kNone && !supported_[at];
           at = set_.claims[at].parent) {
        supported_[at] = true;
      }
    }
  }

  // The product is the package that a claim declares.
  void NoteArchive(std::size_t claim) {
    if (claim != kNone && !set_.claims[claim].is_subject) {
      part_[set_.claims[claim].document] = claim;
    }
  }

  template <typename Test>
  [[nodiscard]] bool AnyAncestor(std::size_t claim, Test test) const {
    std::size_t at = set_.claims[claim].parent;
    for (int step = 0; step < kMaxNesting && at != kNone; ++step) {
      if (test(at)) {
        return true;
      }
      at = set_.claims[at].parent;
    }
    return false;
  }

  // The component of the outermost nest, below the subject.
  [[nodiscard]] std::size_t Outermost(std::size_t claim) const {
    std::size_t top = claim;
    (void)AnyAncestor(claim, [&](std::size_t at) {
      top = set_.claims[at].is_subject ? top : at;
      return false;
    });
    return top;
  }

  [[nodiscard]] bool Counts(std::size_t i) const {
    const Claim& claim = set_.claims[i];
    const Component& component = *claim.component;
    if (documents_[claim.document].embedded || claim.is_subject ||
        !claim.in_scope || component.name.empty() ||
        IsNoContent(component.type)) {
      return false;
    }
    const std::size_t part = part_[claim.document];
    return part == kNone || Outermost(i) == Outermost(part);
  }

  [[nodiscard]] bool IsPhantom(std::size_t i) const {
    const Claim& claim = set_.claims[i];
    const Component& component = *claim.component;
    if (!Counts(i) || supported_[i]) {
      return false;
    }
    if (claim.is_file) {
      const bool bare = component.name.find('/') == std::string::npos;
      return !bare || claim.parent == kNone || !supported_[claim.parent];
    }
    return !AnyAncestor(i, [&](std::size_t at) {
      return set_.claims[at].has_digest && !set_.claims[at].is_subject;
    });
  }

  [[nodiscard]] bool InsidePhantom(std::size_t i) const {
    return AnyAncestor(i, [&](std::size_t at) { return IsPhantom(at); });
  }

  [[nodiscard]] Discrepancy Describe(std::size_t i) const {
    const Claim& claim = set_.claims[i];
    const Component& component = *claim.component;
    const std::string type = IdentityOf(component).type;
    std::string found = "neither record nor digest nor path";
    if (!HasCataloguer(type)) {
      found += fmt::format("; records of type {} are not read", type);
    }
    return {.kind = claim.is_file ? DiscrepancyKind::kMissingFile
                                  : DiscrepancyKind::kPhantom,
            .component = component.name,
            .purl = component.purl,
            .claimed = component.version,
            .found = std::move(found),
            .document = documents_[claim.document].holder,
            .pointer = component.pointer};
  }

  const std::vector<HeldDocument>& documents_;
  const ClaimSet& set_;
  std::vector<bool> supported_;
  std::vector<std::size_t> part_;
};

}  // namespace

std::vector<Discrepancy> FindPhantoms(
    const std::vector<HeldDocument>& documents, const PackageRecords& records,
    const ClaimSet& set) {
  return Finder(documents, records, set).Run();
}

std::vector<bool> ClaimsToConfirm(const std::vector<HeldDocument>& documents,
                                  const PackageRecords& records,
                                  const ClaimSet& set) {
  const Finder finder(documents, records, set);
  std::vector<bool> result(set.claims.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = finder.IsToConfirm(i);
  }
  return result;
}

}  // namespace assay::sbom
