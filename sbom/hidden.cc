#include "sbom/hidden.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "sbom/file_list.h"
#include "sbom/product_names.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Claims of one name that a version is held against: hostile documents have
// any number.
constexpr std::size_t kMaxCandidates = 256;

class Finder {
 public:
  Finder(const std::vector<HeldDocument>& documents, const ProductIndex& index,
         const PackageRecords& records, ClaimSet& set)
      : documents_(documents), index_(index), records_(records), set_(set) {
    for (std::size_t i = 0; i < records.packages.size(); ++i) {
      for (const std::size_t item : records.packages[i].items) {
        const InventoryItem& one = records.inventory[item];
        if (IsDatabase(one.evidence.cataloguer)) {
          const ArtifactId tree = index.TreeOf(one.artifact);
          installed_[tree].Add(records.packages[i].identity.name);
          if (!records.packages[i].source_name.empty()) {
            installed_[tree].Add(records.packages[i].source_name);
          }
          recorded_.emplace(tree, records.packages[i].identity.name);
        }
      }
    }
    for (const HeldDocument& held : documents) {
      has_vendor_ = has_vendor_ || !held.embedded;
      complete_.push_back(!held.embedded && IsComplete(held.document));
    }
    for (std::size_t i = 0; i < set.claims.size(); ++i) {
      const Claim& claim = set.claims[i];
      if (!claim.is_file && !claim.is_subject &&
          !documents[claim.document].embedded) {
        claimed_names_.Add(claim.component->name);
        by_name_[PlainName(claim.component->name)].push_back(
            {i, IdentityOf(*claim.component)});
      }
    }
  }

  std::vector<Discrepancy> Run() {
    HoldAgainstClaims();
    for (const InventoryItem& item : records_.inventory) {
      if (IsAnchoredBanner(item)) {
        JudgeBanner(item);
      } else if (item.evidence.cataloguer == "elf_package" &&
                 IsNobodys(item.artifact)) {
        Hide(item, "its package note");
      }
    }
    FindNeededLibraries();
    FindLeftovers();
    return std::move(found_);
  }

 private:
  struct Named {
    std::size_t claim = 0;
    Identity identity = {};
  };
  // The banners of one product by version, each at its first place.
  using Versions = std::map<std::string, const InventoryItem*>;

  static bool IsAnchoredBanner(const InventoryItem& item) {
    return item.evidence.cataloguer == "banners" &&
           item.evidence.strength >= Strength::kWeak;
  }

  [[nodiscard]] ArtifactId TreeOf(ArtifactId id) const {
    return index_.TreeOf(id);
  }

  // In a file system with a database, and in no list and no vendor's SBOM.
  [[nodiscard]] bool IsNobodys(ArtifactId id) const {
    return records_.has_database[TreeOf(id)] && IsUnclaimed(id);
  }

  // Whether a vendor's claim answers for an artifact. Not the claim of the
  // whole product, nor, in a file system with a database, that of a package
  // which ought to be in the database and is not.
  [[nodiscard]] bool Explains(std::size_t claim, ArtifactId id) const {
    if (claim == kNone || set_.claims[claim].is_subject) {
      return false;
    }
    std::size_t owner = claim;
    if (set_.claims[claim].is_file && set_.claims[claim].parent != kNone) {
      owner = set_.claims[claim].parent;
    }
    const std::string type = IdentityOf(*set_.claims[owner].component).type;
    const bool belongs_in_database =
        type == "deb" || type == "opkg" || type == "apk" || type == "rpm";
    return !records_.has_database[TreeOf(id)] || !belongs_in_database ||
           set_.claims[owner].has_record;
  }

  [[nodiscard]] bool IsUnclaimed(ArtifactId id) const {
    for (ArtifactId at = id;; at = index_.At(at).parent) {
      if (records_.listed_by[at] != kNone || set_.embedded[at] != kNone ||
          Explains(set_.vendor[at], at)) {
        return false;
      }
      if (at == 0 || set_.itemised[TreeOf(at)] ||
          records_.has_database[TreeOf(at)]) {
        return true;
      }
    }
  }

  // Whether nothing but its digest stands in a document that calls its list
  // complete: what is linked into the file has to be listed then as well.
  [[nodiscard]] bool IsKnownAsFileOnly(ArtifactId id) const {
    const std::size_t claim = set_.vendor[id];
    if (claim == kNone || !set_.claims[claim].is_file) {
      return false;
    }
    const std::size_t parent = set_.claims[claim].parent;
    return (parent == kNone || set_.claims[parent].is_subject) &&
           complete_[set_.claims[claim].document];
  }

  // CycloneDX: a composition of the subject whose aggregate is "complete".
  static bool IsComplete(const SbomDocument& document) {
    return document.subject &&
           std::any_of(
               document.compositions.begin(), document.compositions.end(),
               [&](const Composition& one) {
                 return one.aggregate == "complete" &&
                        std::find(one.assemblies.begin(), one.assemblies.end(),
                                  document.subject->ref) !=
                            one.assemblies.end();
               });
  }

  [[nodiscard]] bool IsInstalled(ArtifactId tree, std::string_view product) {
    const auto in_tree = installed_.find(tree);
    return in_tree != installed_.end() && in_tree->second.MayHold(product);
  }

  void JudgeBanner(const InventoryItem& item) {
    const Component& seen = item.evidence.component;
    const std::size_t lister = records_.listed_by[item.artifact];
    if (lister != kNone) {
      HoldAgainstRecord(item, records_.packages[lister]);
    } else if (IsNobodys(item.artifact)) {
      Hide(item, "its version text");
    } else if (has_vendor_ && !MayBeClaimed(item) &&
               (IsUnclaimed(item.artifact) ||
                IsKnownAsFileOnly(item.artifact)) &&
               !records_.has_database[TreeOf(item.artifact)] &&
               undeclared_.emplace(PlainName(seen.name), seen.version).second) {
      found_.push_back({.kind = DiscrepancyKind::kUndeclared,
                        .component = seen.name,
                        .purl = seen.purl,
                        .artifact = item.artifact,
                        .place = item.evidence.place,
                        .found = fmt::format("{} {} by its version text",
                                             seen.name, seen.version)});
    }
  }

  void HoldAgainstRecord(const InventoryItem& item, const Package& package) {
    const Component& seen = item.evidence.component;
    if (!IsProductOf(package, seen.name) || seen.version.empty() ||
        VersionsAgree(VersionOrderOf(package.identity.type),
                      package.identity.version, seen.version)) {
      return;
    }
    found_.push_back(
        {.kind = DiscrepancyKind::kVersionMismatch,
         .component = package.display_name,
         .purl = package.purl,
         .artifact = item.artifact,
         .place = item.evidence.place,
         .claimed = fmt::format("{} by its record", package.identity.version),
         .found = fmt::format("{} {} by its version text", seen.name,
                              seen.version)});
  }

  // Whether a claim may speak of what a banner names. A version that no claim
  // of the very name has is another component, unless it contradicts one.
  bool MayBeClaimed(const InventoryItem& item) {
    const Component& seen = item.evidence.component;
    return claimed_names_.MayHold(seen.name) &&
           second_.count({PlainName(seen.name), seen.version}) == 0;
  }

  // First what agrees, then what is left: which file comes first must not
  // decide whether a version confirms, contradicts or is undeclared.
  void HoldAgainstClaims() {
    std::map<std::string, Versions> seen;
    for (const InventoryItem& item : records_.inventory) {
      const std::string name = PlainName(item.evidence.component.name);
      if (IsAnchoredBanner(item) && by_name_.count(name) != 0) {
        seen[name].emplace(item.evidence.component.version, &item);
      }
    }
    for (auto& [name, versions] : seen) {
      auto& claims = by_name_[name];
      claims.resize(std::min(claims.size(), kMaxCandidates));
      for (auto version = versions.begin(); version != versions.end();) {
        version = Confirm(claims, version->first) ? versions.erase(version)
                                                  : std::next(version);
      }
      Contradict(name, claims, versions);
    }
  }

  // Whether a version is that of a claim.
  bool Confirm(const std::vector<Named>& claims, const std::string& version) {
    bool agrees = false;
    for (const auto& [claim, identity] : claims) {
      if (identity.version.empty() || version.empty() ||
          VersionsAgree(VersionOrderOf(identity.type), identity.version,
                        version)) {
        set_.claims[claim].has_banner = true;
        agrees = true;
      }
    }
    return agrees;
  }

  // Of the versions that no claim has, the first contradicts the claims that
  // nothing shows; all others are of components of their own.
  void Contradict(const std::string& name, const std::vector<Named>& claims,
                  const Versions& versions) {
    bool spent = false;
    for (const auto& [version, item] : versions) {
      bool contradicts = false;
      for (const Named& one : claims) {
        if (!spent && !set_.claims[one.claim].HasEvidence()) {
          Contradict(one.claim, *item);
          contradicts = true;
        }
      }
      spent = true;
      if (!contradicts) {
        second_.emplace(name, version);
      }
    }
  }

  void Contradict(std::size_t i, const InventoryItem& item) {
    Claim& claim = set_.claims[i];
    claim.has_banner = true;
    claim.contradicted = true;
    found_.push_back({.kind = DiscrepancyKind::kVersionMismatch,
                      .component = claim.component->name,
                      .purl = claim.component->purl,
                      .artifact = item.artifact,
                      .place = item.evidence.place,
                      .claimed = IdentityOf(*claim.component).version,
                      .found = fmt::format("{} by its version text",
                                           item.evidence.component.version),
                      .document = documents_[claim.document].holder,
                      .pointer = claim.component->pointer});
  }

  void Hide(const InventoryItem& item, std::string_view by) {
    const Component& seen = item.evidence.component;
    if (!IsInstalled(TreeOf(item.artifact), seen.name)) {
      AddHidden(seen.name, seen.purl, item.artifact, item.evidence.place,
                fmt::format("{} {} by {}", seen.name, seen.version, by));
    }
  }

  void AddHidden(const std::string& name, const std::string& purl,
                 ArtifactId artifact, Range place, std::string found) {
    if (!hidden_.emplace(TreeOf(artifact), PlainName(name)).second) {
      return;
    }
    found_.push_back({.kind = DiscrepancyKind::kHiddenPackage,
                      .component = name,
                      .purl = purl,
                      .artifact = artifact,
                      .place = place,
                      .claimed = "no record in the package database",
                      .found = std::move(found)});
  }

  // Libraries that recorded packages need were installed with a package.
  void FindNeededLibraries() {
    using Names = std::set<std::pair<ArtifactId, std::string_view>>;
    Names needed;
    Names provided;
    for (const Node& node : index_.survey().nodes) {
      const ArtifactId id = node.artifact.id;
      if (records_.listed_by[id] == kNone) {
        continue;
      }
      const std::string_view path = node.artifact.inner_path;
      provided.emplace(TreeOf(id), path.substr(path.rfind('/') + 1));
      for (const Fact& fact : node.seen.facts) {
        if (fact.kind == "elf.needed") {
          needed.emplace(TreeOf(id), fact.value);
        } else if (fact.kind == "elf.soname") {
          provided.emplace(TreeOf(id), fact.value);
        }
      }
    }
    for (const Node& node : index_.survey().nodes) {
      const ArtifactId id = node.artifact.id;
      for (const Fact& fact : node.seen.facts) {
        const std::pair<ArtifactId, std::string_view> name = {TreeOf(id),
                                                              fact.value};
        if (fact.kind == "elf.soname" && needed.count(name) != 0 &&
            provided.count(name) == 0 && IsNobodys(id)) {
          AddHidden(fact.value, "", id, fact.place.value_or(Range{}),
                    fmt::format("a library that recorded packages need: {}",
                                fact.value));
        }
      }
    }
  }

  void FindLeftovers() {
    for (const OrphanList& orphan : records_.orphans) {
      if (orphan.has_files && HasDatabase(orphan.holder)) {
        AddHidden(orphan.package, "", orphan.holder, {},
                  "its list of files, which are there");
      }
    }
    for (const Node& node : index_.survey().nodes) {
      const ArtifactId id = node.artifact.id;
      if (!node.artifact.has_content || !HasDatabase(id)) {
        continue;
      }
      const std::string_view name = PackageLeft(node.artifact.inner_path);
      if (!name.empty() && IsNobodys(id) &&
          recorded_.count({TreeOf(id), Lower(name)}) == 0) {
        AddHidden(std::string(name), "", id, {},
                  fmt::format("left over: {}", node.artifact.inner_path));
      }
    }
  }

  [[nodiscard]] bool HasDatabase(ArtifactId id) const {
    return records_.has_database[TreeOf(id)];
  }

  // The package of which a file is left. A package that was removed leaves its
  // list and its postrm, and its settings.
  static std::string_view PackageLeft(std::string_view path) {
    const auto doc = Below(path, "usr/share/doc");
    const auto steps = Split(doc ? doc->rest : std::string_view(), '/');
    if (steps.size() == 2 && steps[1] == "copyright") {
      return steps[0];
    }
    for (const std::string_view folder :
         {"var/lib/dpkg/info", "usr/lib/opkg/info", "var/lib/opkg/info",
          "lib/opkg/info"}) {
      const auto place = Below(path, folder);
      const std::size_t dot =
          place ? place->rest.rfind('.') : std::string_view::npos;
      if (dot == std::string_view::npos) {
        continue;
      }
      constexpr std::array<std::string_view, 6> kKept = {
          ".md5sums", ".control", ".preinst", ".postinst", ".prerm", ".shlibs"};
      const bool kept = std::find(kKept.begin(), kKept.end(),
                                  place->rest.substr(dot)) != kKept.end();
      const std::string_view stem = place->rest.substr(0, dot);
      return kept ? stem.substr(0, stem.find(':')) : std::string_view();
    }
    return {};
  }

  const std::vector<HeldDocument>& documents_;
  const ProductIndex& index_;
  const PackageRecords& records_;
  ClaimSet& set_;
  bool has_vendor_ = false;
  std::vector<bool> complete_;                    // per document
  std::map<ArtifactId, ProductNames> installed_;  // per tree
  std::set<std::pair<ArtifactId, std::string>> recorded_;
  std::map<std::string, std::vector<Named>> by_name_;  // claims
  ProductNames claimed_names_;
  std::set<std::pair<std::string, std::string>> second_;
  std::set<std::pair<ArtifactId, std::string>> hidden_;
  std::set<std::pair<std::string, std::string>> undeclared_;
  std::vector<Discrepancy> found_;
};

}  // namespace

std::vector<Discrepancy> FindHidden(const std::vector<HeldDocument>& documents,
                                    const ProductIndex& index,
                                    const PackageRecords& records,
                                    ClaimSet& set) {
  return Finder(documents, index, records, set).Run();
}

}  // namespace assay::sbom
