// CycloneDX as JSON, 1.6 and 1.7. Specification: ECMA-424 and
// schema/bom-1.7.schema.json. Executable, archive and structured properties
// are those of the namespace that BSI TR-03183-2 section 8 refers to.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/claim_tree.h"
#include "sbom/licence_expression.h"
#include "sbom/losses.h"
#include "sbom/writer.h"
#include "sbom/writer_support.h"
#include "sbom/writers/cyclonedx_evidence.h"
#include "sbom/writers/cyclonedx_words.h"

namespace assay::sbom::write {
namespace {

// What losses.cc names and CycloneDX carries.
constexpr std::array<std::string_view, 15> kCarried = {
    "author",      "copyright",  "CPE name",
    "description", "evidence",   "external references",
    "files",       "group",      "manufacturer",
    "package URL", "properties", "scope",
    "supplier",    "SWID tag",   "version"};
constexpr std::array<std::string_view, 6> kCarriedOfDocument = {
    "the document's data licence", "the document's external references",
    "the document's manufacturer", "the document's properties",
    "the document's supplier",     "the document's version"};

template <typename List>
bool Holds(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

Json Entity(std::string_view text) {
  const Party party = PartyOf(text);
  Json entity = Json::object();
  PutIf(entity, "name", party.name);
  if (!party.url.empty()) {
    entity["url"] = {party.url};
  }
  if (!party.email.empty()) {
    entity["contact"] = {{{"email", party.email}}};
  }
  return entity;
}

class Writer {
 public:
  Writer(const SbomDocument& document, std::string_view version)
      : document_(document), version_(version) {}

  WrittenSbom Run() {
    for (std::size_t i = 0; i < document_.components.size(); ++i) {
      children_[document_.components[i].parent].push_back(i);
    }
    Json bom = {{"$schema",
                 fmt::format("http://cyclonedx.org/schema/bom-{}.schema.json",
                             version_)},
                {"bomFormat", "CycloneDX"},
                {"specVersion", std::string(version_)}};
    if (document_.serial.substr(0, 9) == "urn:uuid:") {
      bom["serialNumber"] = document_.serial;
    } else {
      losses_.Add("a namespace that is no urn:uuid", !document_.serial.empty());
    }
    bom["version"] = VersionNumber();
    bom["metadata"] = Metadata();
    bom["components"] = TopLevel();
    PutDependencies(bom);
    PutCompositions(bom);
    PutReferences(bom, document_.external_references);
    losses_.AddAllBut(kCarriedOfDocument, document_);
    losses_.Add("the document's version",
                std::to_string(VersionNumber()) != document_.version &&
                    !document_.version.empty());
    return {Dump(bom), losses_.Phrases()};
  }

 private:
  [[nodiscard]] int VersionNumber() const {
    int number = 0;
    for (const char c : document_.version) {
      if (c < '0' || c > '9' || number > 99999999) {
        return 1;
      }
      number = number * 10 + (c - '0');
    }
    return std::max(number, 1);
  }

  Json Metadata() {
    Json metadata = Json::object();
    PutIf(metadata, "timestamp", document_.timestamp);
    for (const std::string& phase : document_.lifecycle_phases) {
      if (Holds(kPhases, phase)) {
        metadata["lifecycles"].push_back({{"phase", phase}});
      } else if (!phase.empty()) {
        metadata["lifecycles"].push_back({{"name", phase}});
      }
    }
    for (const std::string& text : document_.tools) {
      const ToolName tool = ToolOf(text);
      Json entry = {{"type", "application"}, {"name", tool.name}};
      PutIf(entry, "version", tool.version);
      metadata["tools"]["components"].push_back(std::move(entry));
    }
    for (const std::string& text : document_.authors) {
      const Party party = PartyOf(text);
      Json author = Json::object();
      PutIf(author, "name", party.name.empty() ? party.url : party.name);
      PutIf(author, "email", party.email);
      losses_.Add("the URL of an author",
                  !party.name.empty() && !party.url.empty());
      metadata["authors"].push_back(std::move(author));
    }
    if (document_.subject) {
      metadata["component"] = Element(*document_.subject);
    }
    for (const auto& [key, text] :
         {std::pair{"manufacturer", &document_.manufacturer},
          std::pair{"supplier", &document_.supplier}}) {
      if (!text->empty()) {
        metadata[key] = Entity(*text);
      }
    }
    if (!document_.data_licence.empty()) {
      PutLicenceList(metadata, {document_.data_licence}, "");
    }
    PutProperties(metadata, document_.properties);
    return metadata;
  }

  // What nothing in the document nests; then what nests too deep; what nests
  // only itself comes last. The subject's own parts are nested in it where the
  // document says so.
  Json TopLevel() {
    Json list = Json::array();
    for (const std::size_t i : children_[""]) {
      list.push_back(Element(document_.components[i]));
    }
    for (std::size_t i = 0; i < too_deep_.size(); ++i) {
      if (written_.count(too_deep_[i]) == 0) {
        list.push_back(Element(*too_deep_[i]));
      }
    }
    for (const Component& component : document_.components) {
      if (written_.count(&component) == 0) {
        list.push_back(Element(component));
      }
    }
    return list;
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxNesting
  Json Element(const Component& component, int depth = 1) {
    written_.insert(&component);
    Json object = {
        {"type", Holds(kTypes, component.type) ? component.type : "library"}};
    const bool unique = refs_.insert(component.ref).second;
    PutIf(object, "bom-ref", unique ? component.ref : "");
    losses_.Add("a reference that two components have",
                !unique && !component.ref.empty());
    for (const auto& [key, text] :
         {std::pair{"supplier", &component.supplier},
          std::pair{"manufacturer", &component.manufacturer}}) {
      if (!text->empty()) {
        object[key] = Entity(*text);
      }
    }
    losses_.AddAllBut(kCarried, component);
    losses_.Add("type",
                !component.type.empty() && !Holds(kTypes, component.type));
    PutIf(object, "author", component.author);
    PutIf(object, "group", component.group);
    object["name"] = component.name;
    PutIf(object, "version", component.version);
    PutIf(object, "description", component.description);
    PutIf(object, "scope", component.scope);
    PutHashes(object, component);
    PutLicences(object, component);
    PutIf(object, "copyright", component.copyright);
    PutIf(object, "cpe", component.cpe);
    PutIf(object, "purl", component.purl);
    if (!component.swid.empty()) {
      object["swid"] = {{"tagId", component.swid}, {"name", component.name}};
    }
    PutReferences(object, component.external_references);
    PutProperties(object, component.properties);
    if (Json evidence = EvidenceOf(component, losses_); !evidence.empty()) {
      object["evidence"] = std::move(evidence);
    }
    PutParts(object, component, depth);
    return object;
  }

  // Depth is the document's to choose, and a writer's stack is finite.
  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxNesting
  void PutParts(Json& object, const Component& component, int depth) {
    const std::string& self =
        component.ref.empty() ? component.pointer : component.ref;
    const auto parts = self.empty() ? children_.end() : children_.find(self);
    if (parts == children_.end()) {
      return;
    }
    for (const std::size_t i : parts->second) {
      const Component& part = document_.components[i];
      if (written_.count(&part) != 0) {
        continue;
      }
      losses_.Add("nesting", depth == kMaxNesting);
      if (depth == kMaxNesting) {
        too_deep_.push_back(&part);
      } else {
        object["components"].push_back(Element(part, depth + 1));
      }
    }
  }

  void PutHashes(Json& object, const Component& component) {
    for (const ClaimedDigest& digest : DigestsOf(component)) {
      if (Holds(kHashes, digest.algorithm)) {
        object["hashes"].push_back(
            {{"alg", digest.algorithm}, {"content", digest.hex}});
      } else {
        losses_.Add(fmt::format("a digest by {}", digest.algorithm), true);
      }
    }
  }

  // One expression, or a list of names; not both (1.6).
  void PutLicences(Json& object, const Component& component) {
    const bool known = !component.licences_declared.empty() ||
                       !component.licences_concluded.empty();
    if (!known) {
      PutLicenceList(object, component.licences, "");
      return;
    }
    const bool declared = !component.licences_declared.empty();
    PutLicenceList(
        object,
        declared ? component.licences_declared : component.licences_concluded,
        declared ? "declared" : "concluded");
    losses_.Add(
        "a concluded licence beside the declared one",
        declared && !component.licences_concluded.empty() &&
            component.licences_concluded != component.licences_declared);
  }

  static void PutLicenceList(Json& object,
                             const std::vector<std::string>& licences,
                             std::string_view acknowledgement) {
    const bool expressions =
        std::all_of(licences.begin(), licences.end(), [](const auto& text) {
          return text != kNoAssertion &&
                 ParseLicenceExpression(text).has_value();
        });
    if (expressions && !licences.empty()) {
      Json entry = {{"expression", LicenceJoiner().Joined(licences)}};
      PutIf(entry, "acknowledgement", acknowledgement);
      object["licenses"].push_back(std::move(entry));
      return;
    }
    for (const std::string& licence : licences) {
      Json entry = {{"name", licence}};
      PutIf(entry, "acknowledgement", acknowledgement);
      object["licenses"].push_back({{"license", std::move(entry)}});
    }
  }

  void PutReferences(Json& object,
                     const std::vector<ExternalReference>& references) {
    for (const ExternalReference& reference : references) {
      const bool known = Holds(kReferences, reference.type) ||
                         reference.type == "rfc-9116" ||
                         reference.type == "source-distribution";
      losses_.Add("the type of a reference",
                  !known && reference.type != "other");
      object["externalReferences"].push_back(
          {{"type", known ? reference.type : "other"}, {"url", reference.url}});
    }
  }

  static void PutProperties(Json& object,
                            const std::vector<Property>& properties) {
    for (const Property& property : properties) {
      object["properties"].push_back(
          {{"name", property.name}, {"value", property.value}});
    }
  }

  void PutDependencies(Json& bom) {
    std::map<std::string, std::vector<std::string>> lists;
    for (const std::string& ref : document_.listed_dependencies) {
      lists[ref];
    }
    for (const auto& dependency : document_.dependencies) {
      lists[dependency.from].push_back(dependency.to);
      if (!dependency.completeness.empty()) {
        said_[dependency.completeness].insert(dependency.from);
      }
    }
    for (auto& [from, targets] : lists) {
      std::sort(targets.begin(), targets.end());
      targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
      Json entry = {{"ref", from}};
      if (!targets.empty()) {
        entry["dependsOn"] = targets;
      }
      bom["dependencies"].push_back(std::move(entry));
    }
  }

  // What the document says of dependencies one by one and not as composition.
  [[nodiscard]] std::vector<Composition> Unsaid() {
    for (const Composition& composition : document_.compositions) {
      for (const std::string& ref : composition.dependencies) {
        for (auto& [completeness, refs] : said_) {
          refs.erase(ref);
        }
      }
    }
    std::vector<Composition> unsaid;
    for (const auto& [completeness, refs] : said_) {
      if (!refs.empty()) {
        unsaid.push_back({.aggregate = completeness,
                          .dependencies = {refs.begin(), refs.end()}});
      }
    }
    return unsaid;
  }

  void PutCompositions(Json& bom) {
    for (const Composition& composition : Unsaid()) {
      PutComposition(composition, bom);
    }
    for (const Composition& composition : document_.compositions) {
      PutComposition(composition, bom);
    }
  }

  static void PutComposition(const Composition& composition, Json& bom) {
    Json entry = {{"aggregate", Holds(kAggregates, composition.aggregate)
                                    ? composition.aggregate
                                    : "unknown"}};
    if (!composition.assemblies.empty()) {
      entry["assemblies"] = composition.assemblies;
    }
    if (!composition.dependencies.empty()) {
      entry["dependencies"] = composition.dependencies;
    }
    bom["compositions"].push_back(std::move(entry));
  }

  const SbomDocument& document_;
  std::string_view version_;
  std::map<std::string, std::vector<std::size_t>> children_ = {};
  std::set<const Component*> written_ = {};
  std::vector<const Component*> too_deep_ = {};
  std::set<std::string> refs_ = {};
  std::map<std::string, std::set<std::string>> said_ = {};  // by completeness
  LossTally losses_ = {};
};

WrittenSbom Write(const SbomDocument& document, std::string_view version) {
  return Writer(document, version).Run();
}

}  // namespace

const SbomWriter kCyclonedxJson = {
    .name = "cyclonedx-json",
    .title = "CycloneDX 1.6 and 1.7, JSON",
    .reference = "ECMA-424; CycloneDX 1.7, schema/bom-1.7.schema.json",
    .versions = {"1.6", "1.7"},
    .write = Write,
};

}  // namespace assay::sbom::write
