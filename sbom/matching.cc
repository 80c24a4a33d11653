#include "sbom/matching.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "sbom/versions.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// Packages of one name that a claim is held against. More of them are many
// versions of one name, which the exact match finds whatever their number.
constexpr std::size_t kMaxCandidates = 256;

// Types in which the same package may be named: a Debian package in an opkg
// database, or a vendor's own "generic".
bool TypesAgree(std::string_view a, std::string_view b) {
  const auto is_open = [](std::string_view type) {
    return type.empty() || type == "generic";
  };
  const auto is_deb = [](std::string_view type) {
    return type == "deb" || type == "opkg";
  };
  return a == b || is_open(a) || is_open(b) || (is_deb(a) && is_deb(b));
}

bool ArchesAgree(std::string_view a, std::string_view b) {
  const auto is_any = [](std::string_view arch) {
    return arch.empty() || arch == "all" || arch == "noarch" ||
           arch == "source";
  };
  return a == b || is_any(a) || is_any(b);
}

VersionOrder OrderOf(const Identity& a, const Identity& b) {
  const bool open = a.type.empty() || a.type == "generic";
  return VersionOrderOf(open ? b.type : a.type);
}

class Matcher {
 public:
  Matcher(const std::vector<HeldDocument>& documents, PackageRecords& records,
          ClaimSet& set)
      : documents_(documents),
        records_(records),
        set_(set),
        matched_in_(records.packages.size(), kNone) {
    for (std::size_t i = 0; i < records_.packages.size(); ++i) {
      const Package& package = records_.packages[i];
      by_name_[package.identity.name].push_back(i);
      exact_[ExactKey(package.identity)].push_back(i);
      if (!package.source_name.empty()) {
        by_source_[package.source_name].push_back(i);
      }
    }
  }

  std::vector<Discrepancy> Run() {
    // All exact matches of a document before any mismatch: another version
    // of a package that is declared as well is a package of its own.
    std::vector<std::size_t> open;
    std::size_t document = kNone;
    const auto finish = [&] {
      for (const std::size_t claim : open) {
        MatchOtherVersion(claim);
      }
      open.clear();
    };
    for (std::size_t i = 0; i < set_.claims.size(); ++i) {
      const Claim& claim = set_.claims[i];
      if (claim.document != document) {
        finish();
        document = claim.document;
      }
      if (!documents_[claim.document].embedded && !claim.is_file &&
          !MatchSameVersion(i)) {
        open.push_back(i);
      }
    }
    finish();
    return std::move(mismatches_);
  }

 private:
  using Index = std::unordered_map<std::string, std::vector<std::size_t>>;

  static std::string ExactKey(const Identity& identity) {
    return fmt::format("{}@{}", identity.name, identity.version);
  }

  [[nodiscard]] std::vector<std::size_t> Candidates(
      const Index& index, const std::string& key,
      const Identity& identity) const {
    std::vector<std::size_t> found;
    const auto bucket = index.find(key);
    if (bucket == index.end()) {
      return found;
    }
    const std::size_t count = std::min(bucket->second.size(), kMaxCandidates);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t package = bucket->second[i];
      const Identity& other = records_.packages[package].identity;
      if (TypesAgree(identity.type, other.type) &&
          ArchesAgree(identity.arch, other.arch)) {
        found.push_back(package);
      }
    }
    return found;
  }

  void Pair(std::size_t claim, std::size_t package) {
    set_.claims[claim].has_record = true;
    set_.claims[claim].has_strong_record |=
        records_.packages[package].strength >= Strength::kWeak;
    matched_in_[package] = set_.claims[claim].document;
    if (records_.packages[package].declared_by == kNone) {
      records_.packages[package].declared_by = claim;
    }
  }

  bool MatchSameVersion(std::size_t claim) {
    const Identity identity = IdentityOf(*set_.claims[claim].component);
    auto matches = Candidates(exact_, ExactKey(identity), identity);
    if (matches.empty()) {
      for (const std::size_t package :
           Candidates(by_name_, identity.name, identity)) {
        const Identity& other = records_.packages[package].identity;
        if (identity.version.empty() || other.version.empty() ||
            CompareVersions(OrderOf(identity, other), identity.version,
                            other.version) == 0) {
          matches.push_back(package);
        }
      }
    }
    if (matches.empty()) {
      matches = SameSource(identity);
    }
    for (const std::size_t package : matches) {
      Pair(claim, package);
    }
    return !matches.empty();
  }

  [[nodiscard]] std::vector<std::size_t> SameSource(
      const Identity& identity) const {
    std::vector<std::size_t> matches;
    for (const std::size_t i :
         Candidates(by_source_, identity.name, identity)) {
      if (identity.version.empty() ||
          CompareVersions(OrderOf(identity, records_.packages[i].identity),
                          identity.version, SourceVersion(i)) == 0) {
        matches.push_back(i);
      }
    }
    return matches;
  }

  [[nodiscard]] std::string_view SourceVersion(std::size_t package) const {
    return SourceVersionOf(records_.packages[package]);
  }

  void MatchOtherVersion(std::size_t claim) {
    const Identity identity = IdentityOf(*set_.claims[claim].component);
    bool by_source = false;
    auto candidates = Unmatched(by_name_, identity, claim);
    if (candidates.empty()) {
      candidates = Unmatched(by_source_, identity, claim);
      by_source = true;
    }
    if (candidates.empty()) {
      return;
    }
    // The lowest version, wherever its record lies: which of several is the
    // mismatch and which are undeclared must not depend on the order of files.
    const std::size_t first = *std::min_element(
        candidates.begin(), candidates.end(),
        [&](std::size_t a, std::size_t b) {
          const Identity& one = records_.packages[a].identity;
          const Identity& other = records_.packages[b].identity;
          return CompareVersions(OrderOf(one, other), one.version,
                                 other.version) < 0;
        });
    Report(claim, identity, first,
           by_source ? SourceVersion(first)
                     : records_.packages[first].identity.version);
    for (const std::size_t package : candidates) {
      const auto& packages = records_.packages;  // the others are undeclared
      if (packages[package].identity.version ==
          packages[first].identity.version) {
        Pair(claim, package);
      }
    }
  }

  [[nodiscard]] std::vector<std::size_t> Unmatched(const Index& index,
                                                   const Identity& identity,
                                                   std::size_t claim) const {
    auto found = Candidates(index, identity.name, identity);
    const std::size_t document = set_.claims[claim].document;
    found.erase(std::remove_if(found.begin(), found.end(),
                               [&](std::size_t package) {
                                 return matched_in_[package] == document;
                               }),
                found.end());
    return found;
  }

  void Report(std::size_t claim, const Identity& identity, std::size_t package,
              std::string_view version) {
    const Package& found = records_.packages[package];
    const InventoryItem& item = records_.inventory[found.items.front()];
    const VersionOrder order = OrderOf(identity, found.identity);
    const bool newer = CompareVersions(order, version, identity.version) > 0;
    const bool same = SameUpstream(order, version, identity.version);
    const Component& component = *set_.claims[claim].component;
    set_.claims[claim].contradicted = true;
    mismatches_.push_back(
        {.kind = set_.claims[claim].is_subject
                     ? DiscrepancyKind::kWrongSubject
                     : DiscrepancyKind::kVersionMismatch,
         .component = component.name,
         .purl = component.purl,
         .artifact = item.artifact,
         .place = item.evidence.place,
         .claimed = identity.version,
         .found = fmt::format(
             "{} ({}{})", version, newer ? "newer" : "older",
             same ? ", another revision of the same upstream version" : ""),
         .document = documents_[set_.claims[claim].document].holder,
         .pointer = component.pointer,
         .minor = same});
  }

  const std::vector<HeldDocument>& documents_;
  PackageRecords& records_;
  ClaimSet& set_;
  std::vector<std::size_t> matched_in_;  // per package, the last document
  Index exact_;
  Index by_name_;
  Index by_source_;
  std::vector<Discrepancy> mismatches_;
};

bool HasVendorDocument(const std::vector<HeldDocument>& documents) {
  return std::any_of(documents.begin(), documents.end(),
                     [](const HeldDocument& held) { return !held.embedded; });
}

// The record to show: one that speaks of this package alone, if there is one.
const InventoryItem& BestItem(const PackageRecords& records,
                              const Package& package,
                              const ProductIndex& index) {
  for (const std::size_t item : package.items) {
    const ArtifactId holder = records.inventory[item].artifact;
    if (index.survey().nodes[holder].seen.components.size() == 1) {
      return records.inventory[item];
    }
  }
  return records.inventory[package.items.front()];
}

// A Python distribution, npm package or gem inside a declared distribution
// package is that package under a second name; so is the source package that a
// note in one of its programs names.
bool IsDeclaredByOwner(const PackageRecords& records, const Package& package) {
  const std::string& type = package.identity.type;
  const bool of_language = type == "npm" || type == "pypi" || type == "gem";
  return std::all_of(
      package.items.begin(), package.items.end(), [&](std::size_t item) {
        const std::size_t owner =
            records.listed_by[records.inventory[item].artifact];
        return owner != kNone && &records.packages[owner] != &package &&
               records.packages[owner].declared_by != kNone &&
               (of_language ||
                (records.packages[owner].identity.type == type &&
                 records.packages[owner].source_name == package.identity.name));
      });
}

// Packages whose files run as root, at start-up or for the network.
std::vector<bool> PrivilegedPackages(const ProductIndex& index,
                                     const PackageRecords& records) {
  std::vector<bool> privileged(records.packages.size(), false);
  for (const Node& node : index.survey().nodes) {
    const std::size_t package = records.listed_by[node.artifact.id];
    if (package != kNone &&
        (IsSetuid(node.artifact.meta) ||
         std::any_of(node.seen.facts.begin(), node.seen.facts.end(),
                     [](const Fact& fact) {
                       return fact.kind == "startup" || fact.kind == "listener";
                     }))) {
      privileged[package] = true;
    }
  }
  return privileged;
}

}  // namespace

std::string_view WithoutBinNmu(std::string_view version) {
  const std::size_t at = version.rfind("+b");
  if (at == std::string_view::npos || at + 2 == version.size() ||
      version.find_first_not_of("0123456789", at + 2) !=
          std::string_view::npos) {
    return version;
  }
  return version.substr(0, at);
}

std::string_view SourceVersionOf(const Package& package) {
  return package.source_version.empty()
             ? WithoutBinNmu(package.identity.version)
             : std::string_view(package.source_version);
}

std::vector<Discrepancy> MatchPackages(
    const std::vector<HeldDocument>& documents, PackageRecords& records,
    ClaimSet& set) {
  return Matcher(documents, records, set).Run();
}

std::vector<Discrepancy> FindUndeclared(
    const std::vector<HeldDocument>& documents, const ProductIndex& index,
    const PackageRecords& records) {
  std::vector<Discrepancy> found;
  if (!HasVendorDocument(documents)) {
    return found;
  }
  constexpr std::uint8_t kHeaviest = 10;
  const auto privileged = PrivilegedPackages(index, records);
  for (std::size_t i = 0; i < records.packages.size(); ++i) {
    const Package& package = records.packages[i];
    if (package.declared_by != kNone || IsDeclaredByOwner(records, package)) {
      continue;
    }
    const InventoryItem& item = BestItem(records, package, index);
    found.push_back({.kind = DiscrepancyKind::kUndeclared,
                     .component = package.display_name,
                     .purl = package.purl,
                     .artifact = item.artifact,
                     .place = item.evidence.place,
                     .found = fmt::format(
                         "{} {} by a {} record", package.display_name,
                         package.identity.version, item.evidence.cataloguer),
                     .weight = privileged[i] ? kHeaviest : std::uint8_t{0}});
  }
  return found;
}

}  // namespace assay::sbom
