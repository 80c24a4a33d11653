#include "sbom/hidden.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "sbom/file_list.h"
#include "sbom/product_names.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

class Finder {
 public:
  Finder(const std::vector<HeldDocument>& documents, const ProductIndex& index,
         const PackageRecords& records, ClaimSet& set)
      : documents_(documents), index_(index), records_(records), set_(set) {
    for (std::size_t i = 0; i < records.packages.size(); ++i) {
      for (const std::size_t item : records.packages[i].items) {
        const InventoryItem& one = records.inventory[item];
        if (IsDatabase(one.evidence.cataloguer)) {
          installed_[index.TreeOf(one.artifact)].insert(i);
          recorded_.emplace(index.TreeOf(one.artifact),
                            records.packages[i].identity.name);
        }
      }
    }
    for (const HeldDocument& held : documents) {
      has_vendor_ = has_vendor_ || !held.embedded;
    }
    for (std::size_t i = 0; i < set.claims.size(); ++i) {
      const Claim& claim = set.claims[i];
      if (!claim.is_file && !claim.is_subject &&
          !documents[claim.document].embedded) {
        by_name_[PlainName(claim.component->name)].push_back(i);
      }
    }
  }

  std::vector<Discrepancy> Run() {
    for (const InventoryItem& item : records_.inventory) {
      if (item.evidence.cataloguer == "banners" &&
          item.evidence.strength >= Strength::kWeak) {
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

  [[nodiscard]] bool IsInstalled(ArtifactId tree,
                                 std::string_view product) const {
    const auto in_tree = installed_.find(tree);
    return in_tree != installed_.end() &&
           std::any_of(in_tree->second.begin(), in_tree->second.end(),
                       [&](std::size_t i) {
                         const Package& one = records_.packages[i];
                         return MayBeSame(one.identity.name, product) ||
                                (!one.source_name.empty() &&
                                 MayBeSame(one.source_name, product));
                       });
  }

  void JudgeBanner(const InventoryItem& item) {
    const Component& seen = item.evidence.component;
    const std::size_t lister = records_.listed_by[item.artifact];
    HoldAgainstClaims(item);
    if (lister != kNone) {
      HoldAgainstRecord(item, records_.packages[lister]);
    } else if (IsNobodys(item.artifact)) {
      Hide(item, "its version text");
    } else if (has_vendor_ && !MayBeClaimed(seen.name) &&
               IsUnclaimed(item.artifact) &&
               !records_.has_database[TreeOf(item.artifact)] &&
               undeclared_.insert(PlainName(seen.name)).second) {
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

  // Whether a claim may speak of a product. Products are few.
  bool MayBeClaimed(const std::string& product) {
    const auto [entry, fresh] = may_be_claimed_.emplace(product, false);
    if (fresh) {
      entry->second = std::any_of(
          by_name_.begin(), by_name_.end(),
          [&](const auto& each) { return MayBeSame(each.first, product); });
    }
    return entry->second;
  }

  void HoldAgainstClaims(const InventoryItem& item) {
    const Component& seen = item.evidence.component;
    const auto same = by_name_.find(PlainName(seen.name));
    if (same == by_name_.end()) {
      return;
    }
    std::vector<std::size_t> others;
    bool agrees = false;
    for (const std::size_t i : same->second) {
      Claim& claim = set_.claims[i];
      const Identity identity = IdentityOf(*claim.component);
      if (identity.version.empty() || seen.version.empty() ||
          VersionsAgree(VersionOrderOf(identity.type), identity.version,
                        seen.version)) {
        claim.has_banner = true;
        agrees = true;
      } else if (!claim.HasEvidence()) {
        others.push_back(i);
      }
    }
    for (const std::size_t claim :
         agrees ? std::vector<std::size_t>{} : others) {
      Contradict(claim, item);
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
  std::map<ArtifactId, std::set<std::size_t>> installed_;  // per tree
  std::set<std::pair<ArtifactId, std::string>> recorded_;
  std::map<std::string, std::vector<std::size_t>> by_name_;  // claims
  std::map<std::string, bool> may_be_claimed_;
  std::set<std::pair<ArtifactId, std::string>> hidden_;
  std::set<std::string> undeclared_;
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
