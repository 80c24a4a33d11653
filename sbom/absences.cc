#include "sbom/absences.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace assay::sbom {
namespace {

bool IsOftenLeftOut(std::string_view path) {
  constexpr std::array<std::string_view, 10> kFolders = {"etc/",
                                                         "usr/share/doc/",
                                                         "usr/share/man/",
                                                         "usr/share/info/",
                                                         "usr/share/help/",
                                                         "usr/share/locale/",
                                                         "usr/share/lintian/",
                                                         "usr/share/groff/",
                                                         "usr/share/gtk-doc/",
                                                         "usr/share/bug/"};
  return std::any_of(kFolders.begin(), kFolders.end(),
                     [&](std::string_view folder) {
                       return path.substr(0, folder.size()) == folder;
                     });
}

class Finder {
 public:
  Finder(const ProductIndex& index, const PackageRecords& records,
         const ClaimSet& set)
      : index_(index), records_(records), has_files_(set.claims.size()) {
    LearnFolders();
    for (const Claim& claim : set.claims) {
      if (claim.is_file && claim.parent != kNone &&
          (claim.has_digest || claim.has_path)) {
        has_files_[claim.parent] = true;
      }
    }
  }

  std::vector<Discrepancy> Run() {
    for (const Package& package : records_.packages) {
      const auto rows = DatabaseRows(package);
      for (const Installation& there : package.installations) {
        const auto row = rows.find(there.tree);
        if (row != rows.end() && records_.has_database[there.tree]) {
          Judge(package, there, *row->second);
        }
      }
    }
    return std::move(found_);
  }

 private:
  void Judge(const Package& package, const Installation& there,
             const InventoryItem& row) {
    const auto missing = ReallyMissing(there);
    if (IsPhantom(package, there, row, missing)) {
      AddPhantom(package, row, missing.size(), there.borrowed);
    } else if (!missing.empty()) {
      AddMissing(package, there, missing);
    }
  }

  // Folders of trees with a database: a list may name one as a file.
  void LearnFolders() {
    for (ArtifactId id = 0; id < index_.size(); ++id) {
      const ArtifactId tree = index_.TreeOf(id);
      std::string_view path = index_.At(id).inner_path;
      while (records_.has_database[tree] &&
             path.find('/') != std::string_view::npos) {
        path = path.substr(0, path.rfind('/'));
        if (!folders_.emplace(tree, MergedPath(path)).second) {
          break;
        }
      }
    }
  }

  using Rows = std::map<ArtifactId, const InventoryItem*>;

  // The first record in the database of each file system, when the package has
  // no other evidence.
  [[nodiscard]] Rows DatabaseRows(const Package& package) const {
    Rows rows;
    for (const std::size_t item : package.items) {
      const InventoryItem& one = records_.inventory[item];
      if (!IsDatabase(one.evidence.cataloguer)) {
        return {};
      }
      rows.emplace(index_.TreeOf(one.artifact), &one);
    }
    return rows;
  }

  [[nodiscard]] bool BehindALink(ArtifactId tree, std::string_view path) const {
    while (path.find('/') != std::string_view::npos) {
      path = path.substr(0, path.rfind('/'));
      for (const ArtifactId id : index_.InTree(tree, path)) {
        if (index_.At(id).meta.type == FileType::kSymlink) {
          return true;
        }
      }
    }
    return false;
  }

  [[nodiscard]] std::vector<std::string> ReallyMissing(
      const Installation& there) const {
    const ArtifactId tree = there.tree;
    std::vector<std::string> missing;
    std::copy_if(there.missing.begin(), there.missing.end(),
                 std::back_inserter(missing), [&](const std::string& path) {
                   return !IsOftenLeftOut(path) &&
                          folders_.count({tree, path}) == 0 &&
                          !BehindALink(tree, path);
                 });
    std::sort(missing.begin(), missing.end());
    missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
    return missing;
  }

  // A package without files has a list all the same, with its folders.
  [[nodiscard]] bool HasOwnList(const Package& package,
                                const Installation& there,
                                const InventoryItem& row) const {
    if (there.list != kNoArtifact) {
      return true;
    }
    const std::string& holder = index_.At(row.artifact).inner_path;
    const std::string& name = row.evidence.component.name;
    const std::string info =
        holder.substr(0, holder.rfind('/') + 1) + "info/" + name;
    for (const std::string& path :
         {info + ".list", info + ":" + package.identity.arch + ".list",
          info + ".control"}) {
      if (!index_.InTree(there.tree, MergedPath(path)).empty()) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool IsPhantom(const Package& package,
                               const Installation& there,
                               const InventoryItem& row,
                               const std::vector<std::string>& missing) const {
    const std::string_view cataloguer = row.evidence.cataloguer;
    const std::string& holder = index_.At(row.artifact).inner_path;
    const bool has_lists = (cataloguer == "dpkg" || cataloguer == "opkg") &&
                           holder.substr(holder.rfind('/') + 1) == "status";
    const bool claimed_files =
        package.declared_by != kNone && has_files_[package.declared_by];
    return there.present == 0 && !claimed_files &&
           (!missing.empty() || there.borrowed != 0 ||
            (has_lists && !HasOwnList(package, there, row)));
  }

  static std::string WhatIsLeft(std::size_t missing, std::size_t borrowed) {
    if (missing != 0) {
      return fmt::format("none of the {} files listed", missing);
    }
    return borrowed == 0 ? "a record, but no list of files and no file"
                         : fmt::format(
                               "all {} files listed are those of other "
                               "packages, by their digests",
                               borrowed);
  }

  void AddPhantom(const Package& package, const InventoryItem& row,
                  std::size_t missing, std::size_t borrowed) {
    found_.push_back(
        {.kind = DiscrepancyKind::kPhantom,
         .component = package.display_name,
         .purl = package.purl,
         .artifact = row.artifact,
         .place = row.evidence.place,
         .claimed = fmt::format("{} by a {} record", package.identity.version,
                                row.evidence.cataloguer),
         .found = WhatIsLeft(missing, borrowed)});
  }

  void AddMissing(const Package& package, const Installation& there,
                  const std::vector<std::string>& missing) {
    found_.push_back(
        {.kind = DiscrepancyKind::kMissingFile,
         .component = missing.front(),
         .purl = package.purl,
         .artifact = there.list,
         .claimed = fmt::format("in the list of {}", package.display_name),
         .found = missing.size() == 1
                      ? "no such file"
                      : fmt::format("no such file, nor {} more of the list",
                                    missing.size() - 1)});
  }

  const ProductIndex& index_;
  const PackageRecords& records_;
  std::vector<bool> has_files_;  // per claim: files that it nests are there
  std::set<std::pair<ArtifactId, std::string>> folders_;
  std::vector<Discrepancy> found_;
};

}  // namespace

std::vector<Discrepancy> FindAbsences(const ProductIndex& index,
                                      const PackageRecords& records,
                                      const ClaimSet& set) {
  if (!index.survey().stopped.empty()) {
    return {};
  }
  return Finder(index, records, set).Run();
}

}  // namespace assay::sbom
