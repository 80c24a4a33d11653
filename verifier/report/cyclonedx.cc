// CycloneDX 1.6 (ECMA-424), JSON: what the product is made of, each component
// with its evidence, and the findings.
//
// Components are those that the inventory of a report shows in the bytes; what
// a lock file only claims is none. `assay sbom make` looks at the product
// itself and knows more: licences, digests of packages, dependencies, files.
//
// Findings are `vulnerabilities`, the one place whose severity, description and
// affected component other tools read as a result (DefectDojo among them);
// Dependency-Track reads the components and passes over vulnerabilities of a
// BOM (its issue 1297). `declarations` and annotations would say the same more
// exactly, to nobody. So that nobody takes a finding for a known weakness, its
// id is the rule's, its source is Assay, and its state is "in_triage" until
// somebody has judged it. 1.6 and not 1.7, because fewer tools read that yet;
// what 1.7 has a place for, the label, is a property.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "verifier/base/digest.h"
#include "verifier/base/text.h"
#include "verifier/model/strength.h"
#include "verifier/report/cyclonedx_finding.h"
#include "verifier/report/exchange.h"
#include "verifier/report/json_text.h"
#include "verifier/report/layout.h"
#include "verifier/report/names.h"
#include "verifier/report/redaction_words.h"
#include "verifier/report/writer.h"

namespace assay::report {
namespace {

constexpr std::string_view kProduct = "product";
constexpr std::size_t kMostOccurrences = 100;  // of one component

std::string_view TypeOf(std::string_view type) {
  constexpr std::array<std::string_view, 8> kTypes = {
      "application", "container", "device-driver", "file",
      "firmware",    "framework", "library",       "operating-system"};
  const auto* const found = std::find(kTypes.begin(), kTypes.end(), type);
  return found == kTypes.end() ? "library" : *found;
}

// All that shows the same component; the strongest speaks for it.
struct Shown {
  std::string ref = {};
  const ComponentEvidence* best = nullptr;
  std::vector<const InventoryItem*> items = {};
};

class Writer {
 public:
  explicit Writer(const Report& report) : report_(report), index_(report) {
    for (const InventoryItem& item : report.reconciliation.inventory) {
      Show(item);
    }
    AssignFiles();
  }

  std::string Write() {
    json_.OpenObject();
    json_.Text("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    json_.Text("bomFormat", "CycloneDX");
    json_.Text("specVersion", "1.6");
    const std::size_t serial = json_.size();
    json_.Text("serialNumber", kNoSerial);
    json_.Number("version", 1);
    PutMetadata();
    PutComponents();
    PutCompositions();
    json_.OpenArray("vulnerabilities");
    std::unordered_set<std::string_view> told;
    for (const Finding& finding : report_.findings) {
      if (told.insert(finding.id).second) {
        PutCycloneDxFinding(json_, finding, RefOf(finding.subject));
      }
    }
    json_.Close();
    json_.Close();
    return WithSerial(json_.Finish(), serial);
  }

 private:
  static constexpr std::string_view kNoSerial =
      "urn:uuid:00000000-0000-0000-0000-000000000000";

  // The same content has the same serial, and any other another one.
  static std::string WithSerial(std::string text, std::size_t from) {
    const std::string uuid = UuidOf("cyclonedx", Sha256Hex(AsBytes(text)));
    text.replace(text.find(kNoSerial, from), kNoSerial.size(),
                 "urn:uuid:" + uuid);
    return text;
  }

  void Show(const InventoryItem& item) {
    const Component& component = item.evidence.component;
    if (component.name.empty() || component.type == kFileListType ||
        component.type == kDiversionType ||
        component.type == kLicenceRecordType ||
        item.evidence.strength == Strength::kClaim) {
      return;
    }
    const bool has_purl = component.purl.starts_with("pkg:");
    const std::string key =
        has_purl ? Printable(component.purl)
                 : fmt::format(
                       "component:{}",
                       UuidOf("component",
                              fmt::format("{}\n{}\n{}", component.group,
                                          component.name, component.version)));
    const auto [at, is_new] = place_of_.emplace(key, shown_.size());
    if (is_new) {
      shown_.push_back({.ref = key});
    }
    Shown& shown = shown_[at->second];
    if (shown.best == nullptr ||
        shown.best->strength < item.evidence.strength) {
      shown.best = &item.evidence;
    }
    shown.items.push_back(&item);
  }

  // Files that findings are about are components: parts of their owner, where
  // the report knows one.
  void AssignFiles() {
    std::unordered_map<std::string, std::size_t> by_name;
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      const Component& component = shown_[i].best->component;
      by_name.emplace(component.name, i);
      by_name.emplace(component.name + " " + component.version, i);
    }
    std::unordered_map<ArtifactId, std::string_view> owners;
    for (const Owner& owner : report_.reconciliation.owners) {
      owners.emplace(owner.artifact, owner.component);
    }
    std::unordered_set<ArtifactId> told;
    for (const Finding& finding : report_.findings) {
      const Artifact* file = index_.Find(finding.subject);
      if (file == nullptr || file->id == 0 || !told.insert(file->id).second) {
        continue;
      }
      const auto owner = owners.find(file->id);
      const auto at = owner == owners.end()
                          ? by_name.end()
                          : by_name.find(std::string(owner->second));
      (at == by_name.end() ? files_ : files_of_[at->second]).push_back(file);
    }
  }

  [[nodiscard]] std::string RefOf(const std::string& subject) const {
    const Artifact* file = index_.Find(subject);
    return file == nullptr || file->id == 0 ? std::string(kProduct)
                                            : FileRefOf(*file);
  }

  static std::string FileRefOf(const Artifact& file) {
    return fmt::format("file:{}", Printable(file.path));
  }

  void PutMetadata() {
    json_.OpenObject("metadata");
    const std::string at = TimeText(report_.at);
    json_.TextIf("timestamp", at.starts_with('@') ? "" : at);
    json_.OpenArray("lifecycles");
    json_.OpenObject();
    json_.Text("phase", "post-build");
    json_.Close();
    json_.Close();
    json_.OpenObject("tools");
    json_.OpenArray("components");
    json_.OpenObject();
    json_.Text("type", "application");
    json_.Text("name", "assay");
    json_.Text("version", Printable(report_.tool_version));
    json_.Close();
    json_.Close();
    json_.Close();
    json_.OpenObject("component");
    json_.Text("type", "firmware");
    json_.Text("bom-ref", kProduct);
    json_.Text("name", Escaped(report_.product));
    const bool is_file =
        !report_.artifacts.empty() && report_.artifacts[0].has_content;
    if (is_file) {
      PutCycloneDxSha256(json_, report_.product_sha256);
    }
    json_.Close();
    json_.OpenArray("properties");
    PutCycloneDxProperty(json_, "tlp", NameOf(report_.tlp));
    PutCycloneDxProperty(json_, "redaction", RedactionText(report_));
    PutCycloneDxProperty(json_, "verdict", NameOf(report_.verdict));
    for (const std::string& reason : report_.reasons) {
      PutCycloneDxProperty(json_, "reason", reason);
    }
    PutCycloneDxProperty(json_, "product:sha256", report_.product_sha256);
    PutCycloneDxProperty(json_, "rules:sha256", report_.rules_sha256);
    PutCycloneDxProperty(json_, "policy", report_.policy_name);
    json_.Close();
    json_.Close();
  }

  void PutComponents() {
    json_.OpenArray("components");
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      PutComponent(shown_[i], i);
    }
    for (const Artifact* file : files_) {
      PutFile(*file);
    }
    json_.Close();
  }

  void PutComponent(const Shown& shown, std::size_t number) {
    const Component& component = shown.best->component;
    json_.OpenObject();
    json_.Text("type", TypeOf(component.type));
    json_.Text("bom-ref", shown.ref);
    if (!component.supplier.empty()) {
      json_.OpenObject("supplier");
      json_.Text("name", Printable(component.supplier));
      json_.Close();
    }
    json_.TextIf("group", Printable(component.group));
    json_.Text("name", Printable(component.name));
    json_.TextIf("version", Printable(component.version));
    PutLicences(component.licences);
    json_.TextIf("purl", Printable(component.purl));
    const auto files = files_of_.find(number);
    if (files != files_of_.end()) {
      json_.OpenArray("components");
      for (const Artifact* file : files->second) {
        PutFile(*file);
      }
      json_.Close();
    }
    PutEvidenceOf(shown);
    json_.Close();
  }

  // By name: whether one is an expression, a report does not say.
  void PutLicences(const std::vector<std::string>& licences) {
    if (licences.empty()) {
      return;
    }
    json_.OpenArray("licenses");
    for (const std::string& licence : licences) {
      json_.OpenObject();
      json_.OpenObject("license");
      json_.Text("name", Printable(licence));
      json_.Close();
      json_.Close();
    }
    json_.Close();
  }

  // How it was identified, each way once, and where.
  void PutEvidenceOf(const Shown& shown) {
    const Component& component = shown.best->component;
    std::map<std::pair<Strength, std::string_view>, std::size_t> ways;
    for (const InventoryItem* item : shown.items) {
      ++ways[{item->evidence.strength, item->evidence.cataloguer}];
    }
    json_.OpenObject("evidence");
    json_.OpenArray("identity");
    json_.OpenObject();
    json_.Text("field", component.purl.empty() ? "name" : "purl");
    json_.Real("confidence", ConfidenceOf(shown.best->strength));
    json_.Text(
        "concludedValue",
        Printable(component.purl.empty() ? component.name : component.purl));
    json_.OpenArray("methods");
    for (const auto& [way, count] : ways) {
      json_.OpenObject();
      json_.Text("technique", TechniqueOf(way.first));
      json_.Real("confidence", ConfidenceOf(way.first));
      json_.Text("value", Printable(way.second));
      json_.Close();
    }
    json_.Close();
    json_.Close();
    json_.Close();
    json_.OpenArray("occurrences");
    const std::size_t kept = std::min(shown.items.size(), kMostOccurrences);
    for (std::size_t i = 0; i < kept; ++i) {
      const InventoryItem& item = *shown.items[i];
      json_.OpenObject();
      json_.Text("location", Printable(PathOf(item.artifact)));
      json_.Number("offset", item.evidence.place.offset);
      json_.Close();
    }
    json_.Close();
    json_.Close();
  }

  [[nodiscard]] std::string_view PathOf(ArtifactId id) const {
    return id < report_.artifacts.size() ? report_.artifacts[id].path
                                         : std::string_view();
  }

  void PutFile(const Artifact& file) {
    json_.OpenObject();
    json_.Text("type", "file");
    json_.Text("bom-ref", FileRefOf(file));
    json_.Text("name", Printable(file.path));
    PutCycloneDxSha256(json_, file.sha256());
    json_.Close();
  }

  // What a report lists is what somebody recognized, never all there is.
  void PutCompositions() {
    json_.OpenArray("compositions");
    json_.OpenObject();
    json_.Text("aggregate", "incomplete");
    json_.Texts("assemblies", {std::string(kProduct)});
    json_.Close();
    json_.Close();
  }

  const Report& report_;
  ArtifactIndex index_;
  std::unordered_map<std::string, std::size_t> place_of_;  // by ref, in shown_
  std::vector<Shown> shown_;
  std::vector<const Artifact*> files_;  // of no shown component
  std::map<std::size_t, std::vector<const Artifact*>> files_of_;
  JsonText json_;
};

std::string Write(const Report& report, const Style& /*style*/) {
  return Writer(report).Write();
}

}  // namespace

const ReportWriter kCyclonedx = {
    .name = "cyclonedx",
    .title = "CycloneDX 1.6: components with evidence, and the findings",
    .write = Write,
};

}  // namespace assay::report
