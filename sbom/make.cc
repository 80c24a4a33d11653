#include "sbom/make.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "sbom/file_list.h"
#include "sbom/library_edges.h"
#include "sbom/packages.h"
#include "sbom/product_index.h"
#include "sbom/product_names.h"
#include "sbom/purl.h"
#include "sbom/uuid.h"
#include "sbom/writer.h"
#include "sbom/writer_support.h"
#include "verifier/base/text.h"
#include "verifier/model/programs.h"
#include "verifier/model/strength.h"

namespace assay::sbom {
namespace {

bool IsContainer(const ProductIndex& index, ArtifactId id) {
  return index.At(id).has_content && !index.Children(id).empty();
}

class Maker {
 public:
  Maker(const Survey& survey, const std::string& product_sha256,
        const MakeRequest& request)
      : index_(survey),
        records_(CollectPackages(index_)),
        sha256_(product_sha256),
        request_(request) {}

  SbomDocument Run() {
    PutHead();
    PutSubject();
    ChoosePackages();
    for (std::size_t i = 0; i < records_.packages.size(); ++i) {
      if (is_component_[i]) {
        PutPackage(i);
      }
    }
    PutFiles();
    PutDependencies();
    PutCompleteness();
    // The same content has the same serial, and any other another one.
    document_.serial = fmt::format(
        "urn:uuid:{}", UuidOf(WriteSbom(document_, "cyclonedx-json")->text));
    return std::move(document_);
  }

 private:
  void PutHead() {
    document_.format = "assay";
    document_.timestamp = FormatTime(request_.at);
    document_.authors = request_.authors;
    document_.tools = {fmt::format("assay {}", request_.tool_version)};
    document_.lifecycle_phases = {"post-build"};
    document_.data_licence = "CC0-1.0";
    document_.version = "1";
    document_.supplier = request_.supplier;
  }

  void PutSubject() {
    const Artifact& root = index_.At(0);
    Component subject{
        .ref = "product",
        .type = "firmware",
        .name = request_.name.empty() ? Escaped(root.name) : request_.name,
        .version = request_.version.empty() ? std::string(kNoAssertion)
                                            : request_.version,
        .supplier = request_.supplier.empty() ? std::string(kNoAssertion)
                                              : request_.supplier,
        .licences = request_.licences,
        .digests = root.digests};
    if (!request_.version.empty()) {
      subject.purl = PurlOf("generic", "", subject.name, request_.version);
    }
    if (subject.licences.empty()) {
      subject.licences = {std::string(kNoAssertion)};
    }
    if (!root.has_content) {
      subject.properties.push_back({"assay:delivery:sha256", sha256_});
    } else {
      PutFileProperties(root, subject);
    }
    document_.name = subject.name;
    document_.subject = std::move(subject);
  }

  // What a package database, a build record or the like shows is a component.
  void ChoosePackages() {
    is_component_.assign(records_.packages.size(), false);
    std::set<std::size_t> recorded;
    for (std::size_t i = 0; i < records_.packages.size(); ++i) {
      for (const std::size_t item : records_.packages[i].items) {
        recorded.insert(item);
        const InventoryItem& shown = records_.inventory[item];
        is_component_[i] =
            is_component_[i] || (shown.evidence.strength != Strength::kClaim &&
                                 !IsSourceOfOwner(i, shown.artifact));
      }
    }
    AddSigns(recorded);
  }

  // A note in a program may name the source package of the package that lists
  // the program: the same software, once more.
  [[nodiscard]] bool IsSourceOfOwner(std::size_t package,
                                     ArtifactId holder) const {
    const std::size_t owner = OwnerAbove(holder, package);
    const Identity& identity = records_.packages[package].identity;
    return owner != kNone &&
           records_.packages[owner].identity.type == identity.type &&
           records_.packages[owner].source_name == identity.name;
  }

  // So is a product that a file names, but for files that a package's record
  // lists: there it is evidence for that package, not a second one.
  void AddSigns(const std::set<std::size_t>& recorded) {
    ReadChangeLogs();
    std::map<std::string, Package> found;
    for (std::size_t i = 0; i < records_.inventory.size(); ++i) {
      const InventoryItem& item = records_.inventory[i];
      const Component& component = item.evidence.component;
      if (recorded.count(i) != 0 || IsDoubtful(item) ||
          OwnerAbove(item.artifact, kNone) != kNone) {
        continue;
      }
      Package& package =
          found[fmt::format("{} {}", component.name, component.version)];
      package.purl = component.purl;
      package.items.push_back(i);
    }
    for (auto& [key, package] : found) {
      records_.packages.push_back(std::move(package));
      is_component_.push_back(true);
    }
  }

  // A package that was rebuilt without a change has two logs, one for the
  // source that it was built from.
  void ReadChangeLogs() {
    for (const InventoryItem& item : records_.inventory) {
      const Component& component = item.evidence.component;
      if (item.evidence.cataloguer != "deb_changelog" ||
          !IsDocumentation(item.artifact)) {
        continue;
      }
      const ArtifactId tree = FileTreeOf(item.artifact);
      logged_[tree].insert(PlainName(component.name));
      if (!component.source_name.empty()) {
        logged_[tree].insert(PlainName(component.source_name));
      }
      if (!component.source_version.empty()) {
        rebuilt_.emplace(tree, fmt::format("{} {}", component.name,
                                           component.source_version));
      }
    }
  }

  // Whether an artifact, or what it was unpacked from, is where packages put
  // their logs (Debian Policy 12.7). One elsewhere is of a single program, and
  // says nothing of whether others brought theirs.
  [[nodiscard]] bool IsDocumentation(ArtifactId id) const {
    const ArtifactId tree = FileTreeOf(id);
    for (; id != tree && id != 0; id = index_.At(id).parent) {
      if (Below(index_.At(id).inner_path, "usr/share/doc")) {
        return true;
      }
    }
    return false;
  }

  // What only claims; a source that was rebuilt; a text or a file name that may
  // be anything, but for a program where no package brought its log; and what
  // bears the name of a package that did: that is the package, once more.
  [[nodiscard]] bool IsDoubtful(const InventoryItem& item) const {
    const ComponentEvidence& evidence = item.evidence;
    const ArtifactId tree = FileTreeOf(item.artifact);
    if (evidence.cataloguer == "deb_changelog") {
      return rebuilt_.count({tree, fmt::format("{} {}", evidence.component.name,
                                               evidence.component.version)}) !=
             0;
    }
    const bool is_sign = evidence.cataloguer == "banners" ||
                         evidence.cataloguer == "library_name" ||
                         evidence.cataloguer == "perl_xs" ||
                         evidence.cataloguer == "source_paths";
    const bool is_uncertain = is_sign && evidence.strength < Strength::kWeak;
    const auto logs = logged_.find(tree);
    if (is_sign && logs != logged_.end()) {
      return is_uncertain || IsLogged(item, logs->second);
    }
    return evidence.strength == Strength::kClaim ||
           (is_uncertain && !IsProgram(index_.At(item.artifact)));
  }

  // A copy of a packaged product inside of another program is told.
  [[nodiscard]] bool IsLogged(const InventoryItem& item,
                              const std::set<std::string>& logged) const {
    const std::string product = PlainName(item.evidence.component.name);
    const std::string_view path = index_.At(item.artifact).inner_path;
    const std::string file = PlainName(path.substr(path.rfind('/') + 1));
    return logged.count(product) != 0 &&
           file.find(product) != std::string::npos;
  }

  // Change logs are compressed: what holds them is not yet the file system.
  [[nodiscard]] ArtifactId FileTreeOf(ArtifactId id) const {
    do {
      id = index_.TreeOf(id);
    } while (id != 0 && !index_.IsFileTree(id));
    return id;
  }

  // The package, other than `self`, that lists an artifact or its container.
  [[nodiscard]] std::size_t OwnerAbove(ArtifactId id, std::size_t self) const {
    for (;; id = index_.At(id).parent) {
      const std::size_t owner = records_.listed_by[id];
      if (owner != kNone && owner != self) {
        return owner;
      }
      if (id == 0) {
        return kNone;
      }
    }
  }

  void PutPackage(std::size_t number) {
    const Package& package = records_.packages[number];
    const InventoryItem* best = nullptr;
    std::vector<IdentityEvidence> identity;
    std::vector<std::string> places;
    for (const std::size_t item : package.items) {
      const InventoryItem& shown = records_.inventory[item];
      if (best == nullptr ||
          shown.evidence.strength > best->evidence.strength) {
        best = &shown;
      }
      identity.push_back(
          {.field = shown.evidence.component.purl.empty() ? "name" : "purl",
           .technique = std::string(TechniqueOf(shown.evidence.strength)),
           .confidence =
               fmt::format("{}", ConfidenceOf(shown.evidence.strength)),
           .value = shown.evidence.component.purl.empty()
                        ? shown.evidence.component.name
                        : shown.evidence.component.purl});
      places.push_back(index_.At(shown.artifact).path);
    }
    Component component = best->evidence.component;
    component.ref = refs_.Of(
        package.purl.empty() ? fmt::format("component:{}", Slug(component.name))
                             : package.purl);
    component.pointer.clear();
    component.parent.clear();
    component.files = std::move(places);
    component.identity_evidence = std::move(identity);
    AddLicences(package, component);
    FillUnknown(component);
    if (const ArtifactId archive = ArchiveOf(number); archive != kNoArtifact) {
      component.digests = index_.At(archive).digests;
      PutFileProperties(index_.At(archive), component);
    }
    ref_of_.emplace(number, component.ref);
    document_.components.push_back(std::move(component));
  }

  // Unknown, and said to be: not silent.
  static void FillUnknown(Component& component) {
    for (std::string* text : {&component.version, &component.supplier}) {
      if (text->empty()) {
        *text = kNoAssertion;
      }
    }
    if (component.licences.empty()) {
      component.licences = {std::string(kNoAssertion)};
    }
  }

  [[nodiscard]] ArtifactId ArchiveOf(std::size_t package) const {
    for (ArtifactId id = 0; id < index_.size(); ++id) {
      if (records_.archive_of[id] == package) {
        return id;
      }
    }
    return kNoArtifact;
  }

  void PutFileProperties(const Artifact& artifact, Component& component) const {
    const bool container = IsContainer(index_, artifact.id);
    const auto put = [&](const char* name, std::string_view value) {
      component.properties.push_back(
          {fmt::format("bsi:component:{}", name), std::string(value)});
    };
    put("filename", Escaped(artifact.name));
    put("executable", IsExecutable(artifact) ? "executable" : "non-executable");
    put("archive", container ? "archive" : "no archive");
    put("structured", container || artifact.examination == Examination::kParsed
                          ? "structured"
                          : "unstructured");
  }

  // Every executable file and every archive that is not a package of its own.
  void PutFiles() {
    for (ArtifactId id = 1; id < index_.size(); ++id) {
      const Artifact& artifact = index_.At(id);
      if (!artifact.has_content || artifact.meta.type != FileType::kRegular ||
          artifact.digests.empty() || records_.archive_of[id] != kNone ||
          (!IsExecutable(artifact) && !IsContainer(index_, id))) {
        continue;
      }
      Component file{.ref = refs_.Of(fmt::format("file:{}", artifact.path)),
                     .type = "file",
                     .name = artifact.path,
                     .digests = artifact.digests,
                     .files = {artifact.path}};
      PutFileProperties(artifact, file);
      const std::size_t owner = OwnerAbove(id, kNone);
      const auto package = ref_of_.find(owner);
      if (owner != kNone && package != ref_of_.end()) {
        InheritFrom(records_.packages[owner], file);
        file.parent = package->second;
      } else {
        file.version = artifact.meta.mtime ? FormatTime(*artifact.meta.mtime)
                                           : std::string(kNoAssertion);
        FillUnknown(file);
      }
      document_.components.push_back(std::move(file));
    }
  }

  // A file of a package is of its supplier, version and licences.
  void InheritFrom(const Package& package, Component& file) const {
    const Component& owner =
        records_.inventory[package.items.front()].evidence.component;
    file.version = owner.version;
    file.supplier = owner.supplier;
    file.licences = owner.licences;
    AddLicences(package, file);
    FillUnknown(file);
  }

  // A record's own words count before those of a file beside.
  static void AddLicences(const Package& package, Component& component) {
    if (component.licences.empty()) {
      component.licences = package.file_licences;
    }
    if (component.copyright.empty()) {
      component.copyright = package.copyright;
    }
  }

  void PutDependencies() {
    const std::string root = document_.subject->ref;
    document_.listed_dependencies.push_back(root);
    for (const Component& component : document_.components) {
      document_.listed_dependencies.push_back(component.ref);
      if (component.parent.empty()) {
        document_.dependencies.push_back({root, component.ref, "incomplete"});
      } else {
        document_.dependencies.push_back(
            {component.parent, component.ref, "incomplete"});
      }
    }
    for (const auto& [from, to] : LibraryEdges(index_, records_)) {
      const auto source = ref_of_.find(from);
      const auto target = ref_of_.find(to);
      if (source != ref_of_.end() && target != ref_of_.end()) {
        document_.dependencies.push_back(
            {source->second, target->second, "incomplete"});
      }
    }
  }

  // Of files only programs and archives are components; and who knows what the
  // rest of the bytes is made of.
  void PutCompleteness() {
    Composition parts{.aggregate = "incomplete"};
    parts.assemblies = document_.listed_dependencies;
    document_.compositions.push_back(std::move(parts));
    document_.compositions.push_back(
        {.aggregate = "incomplete",
         .dependencies = document_.listed_dependencies});
  }

  ProductIndex index_;
  PackageRecords records_;
  const std::string& sha256_;
  const MakeRequest& request_;
  SbomDocument document_ = {};
  std::vector<bool> is_component_ = {};  // per package
  // By file system: packages and sources with change logs, as plain names, and
  // the sources that were rebuilt.
  std::map<ArtifactId, std::set<std::string>> logged_ = {};
  std::set<std::pair<ArtifactId, std::string>> rebuilt_ = {};
  std::map<std::size_t, std::string> ref_of_ = {};  // package -> bom-ref
  UniqueNames refs_{"#"};
};

}  // namespace

SbomDocument MakeSbom(const Survey& survey, const std::string& product_sha256,
                      const MakeRequest& request) {
  return Maker(survey, product_sha256, request).Run();
}

DigestSet MadeSbomDigests() {
  return {DigestAlgorithm::kSha1, DigestAlgorithm::kSha256,
          DigestAlgorithm::kSha512};
}

}  // namespace assay::sbom
