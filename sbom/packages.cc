#include "sbom/packages.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sbom/conffiles.h"
#include "sbom/list_notes.h"
#include "sbom/package_metadata.h"
#include "sbom/record_kinds.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

class Collector {
 public:
  explicit Collector(const ProductIndex& index) : index_(index), notes_(index) {
    records_.undigested.assign(index.size(), kNone);
    records_.listed_by.assign(index.size(), kNone);
    records_.archive_of.assign(index.size(), kNone);
    records_.exempt.assign(index.size(), false);
    records_.has_database.assign(index.size(), false);
  }

  PackageRecords Run() {
    ForEachEvidence([&](const Artifact& holder, const ComponentEvidence& one) {
      if (one.component.type == kDiversionType) {
        AddDiversion(holder, one);
      } else if (one.component.type == kLicenceRecordType ||
                 one.component.type == kSettingsListType) {
        return;  // when all packages are known
      } else if (!IsPackageRecord(one)) {
        records_.inventory.push_back({holder.id, one});
      } else if (one.component.type != kFileListType) {
        AddRecord(holder, one);
      }
    });
    ForEachEvidence([&](const Artifact& holder, const ComponentEvidence& one) {
      if (one.component.type == kFileListType) {
        ReadList(holder, one);
      } else if (one.component.type == kSettingsListType) {
        ExcuseSettings(holder, one.component.files);
      } else if (one.component.type == kLicenceRecordType) {
        AddLicences(holder, one.component);
      }
    });
    notes_.Conclude(records_);
    RaiseVerified();
    for (ArtifactId id = 0; id < index_.size(); ++id) {
      const ArtifactId tree = index_.TreeOf(id);
      records_.exempt[id] =
          IsPackageMetadata(index_.survey().nodes[id],
                            [&](std::string_view root, std::string_view name) {
                              return Recorded(tree, root, name);
                            });
    }
    return std::move(records_);
  }

 private:
  template <typename Visit>
  void ForEachEvidence(Visit visit) const {
    for (const Node& node : index_.survey().nodes) {
      for (const ComponentEvidence& evidence : node.seen.components) {
        visit(node.artifact, evidence);
      }
    }
  }

  static std::string RecordKey(ArtifactId tree, std::string_view root,
                               std::string_view cataloguer,
                               std::string_view name) {
    return fmt::format("{}/{}/{}/{}", tree, root, cataloguer, PythonName(name));
  }

  [[nodiscard]] std::string RecordKey(const Artifact& holder,
                                      std::string_view cataloguer,
                                      std::string_view name) const {
    return RecordKey(index_.TreeOf(holder.id),
                     RootOf(holder.inner_path, cataloguer), cataloguer, name);
  }

  static std::string PlaceKey(ArtifactId tree, std::string_view path) {
    return fmt::format("{}/{}", tree, MergedPath(path));
  }

  void AddDiversion(const Artifact& holder, const ComponentEvidence& one) {
    if (one.component.files.size() == 2) {
      diversions_.emplace(
          PlaceKey(index_.TreeOf(holder.id), one.component.files[0]), &one);
    }
  }

  // Where a listed file is: elsewhere when another package diverted it.
  [[nodiscard]] const std::string& PlaceOf(ArtifactId tree,
                                           const std::string& path,
                                           std::string_view package) const {
    if (diversions_.empty()) {
      return path;
    }
    const auto found = diversions_.find(PlaceKey(tree, path));
    return found == diversions_.end() ||
                   found->second->component.name == package
               ? path
               : found->second->component.files[1];
  }

  void AddRecord(const Artifact& holder, const ComponentEvidence& evidence) {
    const Component& component = evidence.component;
    Identity identity = IdentityOf(component);
    const std::string key =
        fmt::format("{}|{}|{}|{}", identity.type, identity.name,
                    identity.version, identity.arch);
    const auto [entry, fresh] =
        package_of_.emplace(key, records_.packages.size());
    if (fresh) {
      records_.packages.push_back({.identity = std::move(identity),
                                   .display_name = component.name,
                                   .purl = component.purl,
                                   .source_name = Lower(component.source_name),
                                   .source_version = component.source_version});
    }
    const std::size_t package = entry->second;
    records_.packages[package].items.push_back(records_.inventory.size());
    records_.inventory.push_back({holder.id, evidence});
    const ArtifactId tree = index_.TreeOf(holder.id);
    AddInstallation(package, tree);
    // The list of a .deb names no package: it goes by its place alone.
    const bool unnamed = evidence.cataloguer == "deb_control";
    record_of_.emplace(
        RecordKey(holder, evidence.cataloguer, unnamed ? "" : component.name),
        package);
    CheckRow(holder, evidence, package);
    const ArtifactId archive = ArchiveOf(holder, evidence.cataloguer);
    if (archive != kNoArtifact) {
      records_.archive_of[archive] = package;
    }
  }

  // A database has one row for a package and architecture; only rpm's may have
  // several versions side by side.
  void CheckRow(const Artifact& holder, const ComponentEvidence& evidence,
                std::size_t package) {
    if (!IsDatabase(evidence.cataloguer) || evidence.cataloguer == "rpm") {
      return;
    }
    const Package& second = records_.packages[package];
    const auto [row, fresh] = row_of_.emplace(
        RecordKey(holder, evidence.cataloguer, second.identity.name) + '|' +
            second.identity.arch,
        package);
    if (fresh || row->second == package || row->second == kNone) {
      return;
    }
    records_.mismatches.push_back(
        TwoRows(records_.packages[row->second], second, holder.id, evidence));
    row->second = kNone;  // told once
  }

  void AddInstallation(std::size_t package, ArtifactId tree) {
    auto& all = records_.packages[package].installations;
    if (installation_of_.emplace(std::pair(package, tree), all.size()).second) {
      all.push_back({.tree = tree});
    }
  }

  Installation& In(ArtifactId tree, std::size_t package) {
    return records_.packages[package]
        .installations[installation_of_.at({package, tree})];
  }

  void AddLicences(const Artifact& holder, const Component& said) {
    const ArtifactId tree = index_.TreeOf(holder.id);
    const auto found = record_of_.find(
        RecordKey(tree, RootOf(holder.inner_path, "dpkg"), "dpkg", said.name));
    std::size_t package = found == record_of_.end() ? kNone : found->second;
    for (ArtifactId id = tree; package == kNone && id != 0;
         id = index_.At(id).parent) {
      package = records_.archive_of[id];
    }
    if (package == kNone) {
      return;
    }
    records_.packages[package].file_licences = said.licences;
    records_.packages[package].copyright = said.copyright;
  }

  // The container that is the package, seen from the record inside it.
  [[nodiscard]] ArtifactId ArchiveOf(const Artifact& holder,
                                     std::string_view cataloguer) const {
    ArtifactId archive = kNoArtifact;
    if (cataloguer == "deb_control") {
      archive = DebOf(index_.TreeOf(holder.id));
    } else if (cataloguer == "rpm_package") {
      archive = holder.id;
    } else if (cataloguer == "npm" &&
               holder.inner_path == "package/package.json") {
      archive = index_.TreeOf(holder.id);
    }
    // Compression around the archive belongs to the package as well.
    while (archive != kNoArtifact && archive != 0) {
      const ArtifactId outer = index_.At(archive).parent;
      if (!index_.At(outer).has_content || index_.OnlyChild(outer) != archive) {
        break;
      }
      archive = outer;
    }
    return archive;
  }

  // The .deb whose control.tar an artifact is or lies in.
  [[nodiscard]] ArtifactId DebOf(ArtifactId control) const {
    ArtifactId found = kNoArtifact;
    for (ArtifactId id = control; id != 0; id = index_.At(id).parent) {
      if (index_.At(id).inner_path.substr(0, 11) == "control.tar") {
        found = index_.At(id).parent;
      }
    }
    return found;
  }

  // The containers whose files a list names.
  [[nodiscard]] std::vector<ArtifactId> TreesOf(
      const Artifact& holder, const ComponentEvidence& list) const {
    const ArtifactId tree = index_.TreeOf(holder.id);
    if (list.files_from_root) {
      return {tree};
    }
    std::vector<ArtifactId> trees;
    if (list.cataloguer == "rpm_package") {
      for (const ArtifactId member : index_.Children(holder.id)) {
        AddInside(member, trees);
      }
      return trees;
    }
    const ArtifactId deb = DebOf(tree);
    if (deb == kNoArtifact) {
      return trees;
    }
    for (const ArtifactId member : index_.Children(deb)) {
      if (index_.At(member).inner_path.substr(0, 8) != "data.tar") {
        continue;
      }
      AddInside(member, trees);
    }
    return trees;
  }

  // A member and what is unpacked from it alone, layer by layer.
  void AddInside(ArtifactId member, std::vector<ArtifactId>& trees) const {
    for (ArtifactId id = member; id != kNoArtifact; id = index_.OnlyChild(id)) {
      trees.push_back(id);
    }
  }

  void ReadList(const Artifact& holder, const ComponentEvidence& list) {
    const ArtifactId tree = index_.TreeOf(holder.id);
    const auto found = record_of_.find(
        RecordKey(holder, list.cataloguer, list.component.name));
    if (found == record_of_.end()) {
      NoteOrphan(holder, list);
      return;  // a list without a record owns nothing
    }
    const std::size_t package = found->second;
    Installation& there = In(tree, package);
    if (IsDatabase(list.cataloguer)) {
      records_.has_database[tree] = true;
      there.list = holder.id;
    }
    const auto trees = TreesOf(holder, list);
    for (std::size_t i = 0; i < list.component.files.size(); ++i) {
      const std::string path = MergedPath(
          PlaceOf(tree, list.component.files[i], list.component.name));
      const Digest digest =
          i < list.file_digests.size() ? list.file_digests[i] : Digest{};
      for (const ArtifactId each : trees) {
        const auto& files = index_.InTree(each, path);
        for (const ArtifactId id : files) {
          const bool agrees =
              Verify(index_.At(id), digest, holder, package, there);
          notes_.Note(id, package, list.cataloguer, !digest.hex.empty(), agrees,
                      records_);
        }
        CheckType(files, digest, holder, package);
      }
      if (IsDatabase(list.cataloguer)) {
        Count(list, i, path, index_.InTree(tree, path), there);
      }
    }
  }

  void ExcuseSettings(const Artifact& holder,
                      const std::vector<std::string>& files) {
    for (const std::string& path : files) {
      for (const ArtifactId id :
           index_.InTree(index_.TreeOf(holder.id), MergedPath(path))) {
        // Policy 10.7.2 has settings in etc/: a program elsewhere is none.
        if (!IsExecutable(index_.At(id)) || IsInEtc(path)) {
          notes_.Excuse(id);
        }
      }
    }
  }

  // Lists of all databases but opkg's name folders too, without a digest.
  void Count(const ComponentEvidence& list, std::size_t i,
             const std::string& path, const std::vector<ArtifactId>& found,
             Installation& there) {
    const bool is_file =
        list.cataloguer == "opkg" ||
        (i < list.file_digests.size() && !list.file_digests[i].hex.empty());
    if (is_file && found.empty()) {
      there.missing.push_back(path);
    }
  }

  void NoteOrphan(const Artifact& holder, const ComponentEvidence& list) {
    if (!IsDatabase(list.cataloguer)) {
      return;
    }
    const ArtifactId tree = index_.TreeOf(holder.id);
    const auto is_there = [&](const std::string& path) {
      const auto& found = index_.InTree(tree, MergedPath(path));
      return path.substr(0, 4) != "etc/" &&
             std::any_of(found.begin(), found.end(), [&](ArtifactId id) {
               return index_.At(id).has_content;
             });
    };
    const auto& files = list.component.files;
    records_.orphans.push_back(
        {holder.id, list.component.name,
         std::any_of(files.begin(), files.end(), is_there)});
  }

  // Whether the digest is the file's.
  bool Verify(const Artifact& file, const Digest& digest,
              const Artifact& holder, std::size_t package,
              Installation& there) {
    if (digest.hex.empty() || !file.has_content) {
      return false;
    }
    const std::string actual = file.HexOf(digest.algorithm);
    if (actual.empty()) {
      records_.uncomputed.Insert(digest.algorithm);
      return false;
    }
    there.compared = true;
    if (actual == digest.hex) {
      return true;
    }
    there.differs = true;
    TellMismatch(file, digest, holder, package,
                 fmt::format("{}:{}", NameOf(digest.algorithm), actual));
    return false;
  }

  void TellMismatch(const Artifact& file, const Digest& digest,
                    const Artifact& holder, std::size_t package,
                    std::string found) {
    if (!mismatched_.insert(file.id).second) {
      return;
    }
    records_.mismatches.push_back(
        {.kind = DiscrepancyKind::kRecordMismatch,
         .component = file.inner_path,
         .purl = records_.packages[package].purl,
         .artifact = file.id,
         .claimed = fmt::format("{}:{} in {}", NameOf(digest.algorithm),
                                digest.hex, Escaped(holder.inner_path)),
         .found = std::move(found)});
  }

  // What has a digest is a file: nothing else may stand in its place, but a
  // link to the same bytes.
  void CheckType(const std::vector<ArtifactId>& found, const Digest& digest,
                 const Artifact& holder, std::size_t package) {
    if (digest.hex.empty() || found.empty()) {
      return;
    }
    const bool any_file =
        std::any_of(found.begin(), found.end(),
                    [&](ArtifactId id) { return index_.At(id).has_content; });
    const Artifact& file = index_.At(found.front());
    if (any_file || file.meta.type != FileType::kSymlink) {
      return;
    }
    const ArtifactId target = index_.TargetOf(file.id);
    const bool same = target != kNoArtifact &&
                      index_.At(target).HexOf(digest.algorithm) == digest.hex;
    if (!same) {
      TellMismatch(file, digest, holder, package,
                   fmt::format("a link to {}", Escaped(file.meta.link_target)));
    }
  }

  void RaiseVerified() {
    for (std::size_t i = 0; i < records_.packages.size(); ++i) {
      Package& package = records_.packages[i];
      for (const std::size_t item : package.items) {
        InventoryItem& shown = records_.inventory[item];
        ComponentEvidence& evidence = shown.evidence;
        const Strength raised =
            StrengthOf(In(index_.TreeOf(shown.artifact), i));
        if (raised == Strength::kVerifiedRow) {
          evidence.strength = raised;
        }
        package.strength =
            std::max({package.strength, evidence.strength, raised});
      }
    }
  }

  [[nodiscard]] bool Recorded(ArtifactId tree, std::string_view root,
                              std::string_view name) const {
    return record_of_.count(RecordKey(tree, root, "dpkg", name)) != 0 ||
           record_of_.count(RecordKey(tree, root, "opkg", name)) != 0;
  }

  const ProductIndex& index_;
  PackageRecords records_;
  ListNotes notes_;
  // By package and tree, into Package::installations.
  std::map<std::pair<std::size_t, ArtifactId>, std::size_t> installation_of_;
  std::unordered_set<ArtifactId> mismatched_;
  std::unordered_map<std::string, const ComponentEvidence*> diversions_;
  std::unordered_map<std::string, std::size_t> package_of_;
  std::unordered_map<std::string, std::size_t> record_of_;
  std::unordered_map<std::string, std::size_t> row_of_;  // by architecture too
};

}  // namespace

PackageRecords CollectPackages(const ProductIndex& index) {
  return Collector(index).Run();
}

DigestSet MissingDigests(const Survey& survey) {
  return CollectPackages(ProductIndex(survey)).uncomputed;
}

}  // namespace assay::sbom
