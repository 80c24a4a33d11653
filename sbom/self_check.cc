#include "sbom/self_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "sbom/cpe.h"
#include "sbom/product_names.h"
#include "sbom/purl.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Hex digits of the digests of an algorithm (FIPS 180-4, FIPS 202, RFC 7693,
// RFC 1321); 0 when it is not known or has several sizes.
std::size_t HexSizeOf(std::string_view algorithm) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 12> kSizes = {
      {{"md5", 32},
       {"sha1", 40},
       {"sha224", 56},
       {"sha256", 64},
       {"sha384", 96},
       {"sha512", 128},
       {"sha3256", 64},
       {"sha3384", 96},
       {"sha3512", 128},
       {"blake2b256", 64},
       {"blake2b384", 96},
       {"blake2b512", 128}}};
  const std::string plain = PlainName(algorithm);
  for (const auto& [name, size] : kSizes) {
    if (plain == name) {
      return size;
    }
  }
  return 0;
}

// Language registries, whose lock files name packages.
bool IsOfRegistry(std::string_view type) {
  constexpr std::array<std::string_view, 9> kTypes = {
      "npm",   "pypi",  "cargo",    "golang", "gem",
      "maven", "nuget", "composer", "pub"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

class Checker {
 public:
  explicit Checker(const std::vector<HeldDocument>& documents)
      : documents_(documents) {}

  void Check(const Claim& claim) {
    const Component& one = *claim.component;
    if (claim.is_file) {
      CheckDigests(claim);
      return;
    }
    const auto purl = ParsePurl(one.purl);
    const VersionOrder order = VersionOrderOf(purl ? purl->type : "");
    if (purl && Differ(order, one.version, purl->version)) {
      Add(claim, fmt::format("version {}", one.version),
          fmt::format("{} in the package URL", purl->version));
    }
    if (purl && !one.name.empty() && !MayBeSame(one.name, purl->name) &&
        one.name.find(purl->name) == std::string::npos) {
      Add(claim, fmt::format("name {}", one.name),
          fmt::format("{} in the package URL", purl->name));
    }
    if (const auto cpe = ParseCpe(one.cpe); !one.cpe.empty() && cpe) {
      const CpeValue& version = cpe->At(CpeAttribute::kVersion);
      const std::string& said =
          one.version.empty() && purl ? purl->version : one.version;
      if (version.kind == CpeValue::Kind::kText && version.before == 0 &&
          version.after == 0 && Differ(order, said, version.text)) {
        Add(claim, fmt::format("version {}", said),
            fmt::format("{} in the CPE name", version.text));
      }
    }
    CheckDigests(claim);
  }

  std::vector<Discrepancy> found = {};

 private:
  static bool Differ(VersionOrder order, const std::string& a,
                     const std::string& b) {
    return !a.empty() && !b.empty() && !VersionsAgree(order, a, b);
  }

  void CheckDigests(const Claim& claim) {
    for (const ClaimedDigest& digest : claim.component->claimed_digests) {
      const std::size_t size = HexSizeOf(digest.algorithm);
      if (size != 0 && digest.hex.size() != size) {
        Add(claim, fmt::format("a digest of {}", digest.algorithm),
            fmt::format("{} hex digits instead of {}", digest.hex.size(),
                        size));
      }
    }
  }

  void Add(const Claim& claim, std::string claimed, std::string other) {
    found.push_back({.kind = DiscrepancyKind::kSelfContradiction,
                     .component = claim.component->name,
                     .purl = claim.component->purl,
                     .claimed = std::move(claimed),
                     .found = std::move(other),
                     .document = documents_[claim.document].holder,
                     .pointer = claim.component->pointer});
  }

  const std::vector<HeldDocument>& documents_;
};

bool Says(const SbomDocument& document,
          std::initializer_list<std::string_view> phases) {
  return std::any_of(document.lifecycle_phases.begin(),
                     document.lifecycle_phases.end(),
                     [&](const std::string& phase) {
                       return std::find(phases.begin(), phases.end(),
                                        Lower(phase)) != phases.end();
                     });
}

struct Content {
  bool any = false;
  bool digests = false;
  bool files = false;
  bool evidence = false;
  bool registries_alone = true;
};

std::string WhyImplausible(const SbomDocument& document,
                           const Content& content) {
  if (!content.any || content.digests) {
    return {};
  }
  if (Says(document, {"post-build", "analyzed"})) {
    return "not one digest of anything that was built";
  }
  if (Says(document, {"build"}) && content.registries_alone && !content.files &&
      !content.evidence) {
    return "nothing but what a lock file names, and none of it in the product";
  }
  return {};
}

}  // namespace

std::vector<Discrepancy> FindSelfContradictions(
    const std::vector<HeldDocument>& documents, const ClaimSet& set) {
  Checker checker(documents);
  for (const Claim& claim : set.claims) {
    if (!documents[claim.document].embedded) {
      checker.Check(claim);
    }
  }
  return std::move(checker.found);
}

std::vector<Discrepancy> FindImplausible(
    const std::vector<HeldDocument>& documents, const ClaimSet& set) {
  std::vector<Content> contents(documents.size());
  for (const Claim& claim : set.claims) {
    Content& content = contents[claim.document];
    const Component& one = *claim.component;
    if (claim.is_subject) {
      continue;
    }
    content.any = true;
    content.digests =
        content.digests || !one.digests.empty() || !one.claimed_digests.empty();
    content.files = content.files || claim.is_file || !one.files.empty();
    content.evidence = content.evidence || claim.HasEvidence();
    content.registries_alone =
        content.registries_alone && IsOfRegistry(IdentityOf(one).type);
  }
  std::vector<Discrepancy> found;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const HeldDocument& held = documents[i];
    std::string why = WhyImplausible(held.document, contents[i]);
    if (held.embedded || why.empty()) {
      continue;
    }
    found.push_back({.kind = DiscrepancyKind::kImplausibleContext,
                     .component = held.holder,
                     .artifact = held.artifact,
                     .claimed = fmt::format(
                         "phase {}", held.document.lifecycle_phases.front()),
                     .found = std::move(why),
                     .document = held.holder});
  }
  return found;
}

}  // namespace assay::sbom
