// SPDX 3.0.1 as JSON-LD: one graph, one creation record. Specification: SPDX
// 3.0.1, profiles core, software and simple licensing, and its JSON schema.
// Executable, archive and container purposes are those that BSI TR-03183-2
// section 8 maps its properties to.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sbom/losses.h"
#include "sbom/spdx_properties.h"
#include "sbom/spdx_words.h"
#include "sbom/writer.h"
#include "sbom/writer_support.h"

namespace assay::sbom::write {
namespace {

constexpr std::string_view kContext =
    "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";
constexpr std::string_view kCreation = "_:creationinfo";
constexpr std::string_view kNoElement =
    "https://spdx.org/rdf/3.0.1/terms/Core/NoneElement";
constexpr std::string_view kUnknownElement =
    "https://spdx.org/rdf/3.0.1/terms/Core/NoAssertionElement";
constexpr std::string_view kNoLicenceAssertion =
    "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense";

// What losses.cc names and a package, a file and the document carry.
constexpr std::array<std::string_view, 10> kCarriedOfPackage = {
    "copyright",    "CPE name",    "description", "external references",
    "manufacturer", "package URL", "properties",  "supplier",
    "SWID tag",     "version"};
constexpr std::array<std::string_view, 4> kCarriedOfDocument = {
    "the document's data licence", "the document's name",
    "the document's properties", "the document's version"};

class Writer {
 public:
  explicit Writer(const SbomDocument& document)
      : document_(document),
        base_(document.serial.empty() ? "urn:spdx:document" : document.serial) {
  }

  WrittenSbom Run() {
    PutCreation();
    std::string root;
    if (document_.subject) {
      root = PutComponent(*document_.subject);
    }
    for (const Component& component : document_.components) {
      id_of_.push_back(PutComponent(component));
    }
    PutContents(root);
    PutDependencies();
    PutCollections(root);
    losses_.AddAllBut(kCarriedOfDocument, document_);
    return {Dump({{"@context", std::string(kContext)}, {"@graph", graph_}}),
            losses_.Phrases()};
  }

 private:
  [[nodiscard]] std::string Iri(std::string_view id) const {
    return fmt::format("{}#{}", base_, id);
  }

  // An element with its id; listed as one of the document's.
  Json Element(std::string_view type, const std::string& id) {
    elements_.push_back(id);
    return {{"type", std::string(type)},
            {"spdxId", id},
            {"creationInfo", std::string(kCreation)}};
  }

  // The agent of a name, made at its first mention.
  std::string Agent(std::string_view text, std::string_view type) {
    const std::string key = fmt::format("{} {}", type, text);
    if (const auto found = agents_.find(key); found != agents_.end()) {
      return found->second;
    }
    const Party party = PartyOf(text);
    const std::string id = Iri(ids_.Of("", fmt::format("agent-{}", text)));
    agents_.emplace(key, id);
    Json agent = Element(type, id);
    agent["name"] = !party.name.empty()    ? party.name
                    : !party.email.empty() ? party.email
                                           : party.url;
    for (const auto& [kind, value] : {std::pair{"email", &party.email},
                                      std::pair{"urlScheme", &party.url}}) {
      if (!value->empty()) {
        agent["externalIdentifier"].push_back({{"type", "ExternalIdentifier"},
                                               {"externalIdentifierType", kind},
                                               {"identifier", *value}});
      }
    }
    graph_.push_back(std::move(agent));
    return id;
  }

  void PutCreation() {
    Json record = {{"type", "CreationInfo"},
                   {"@id", std::string(kCreation)},
                   {"specVersion", "3.0.1"},
                   {"created", document_.timestamp}};
    for (const std::string& author : document_.authors) {
      record["createdBy"].push_back(Agent(author, "Organization"));
    }
    for (const std::string& tool : document_.tools) {
      record["createdUsing"].push_back(Agent(tool, "Tool"));
    }
    if (!record.contains("createdBy")) {
      const std::string_view who = document_.tools.empty()
                                       ? kNoAssertion
                                       : std::string_view(document_.tools[0]);
      record["createdBy"].push_back(Agent(who, "SoftwareAgent"));
    }
    graph_.insert(graph_.begin(), std::move(record));
  }

  std::string PutComponent(const Component& component) {
    const std::string& self =
        component.ref.empty() ? component.pointer : component.ref;
    const std::string id = Iri(ids_.Of(self, component.name));
    const bool is_file = component.type == "file" && component.version.empty();
    Json object = Element(is_file ? "software_File" : "software_Package", id);
    object["name"] = component.name;
    PutIf(object, "description", component.description);
    if (!is_file) {
      PutIf(object, "software_packageVersion", component.version);
      PutIf(object, "software_packageUrl", component.purl);
    }
    const std::string_view purpose = Spdx3PurposeOf(component.type);
    object["software_primaryPurpose"] =
        std::string(purpose.empty() ? "other" : purpose);
    PutSpdx3Properties(component.properties, object);
    PutIf(object, "software_copyrightText", component.copyright);
    PutHashes(object, component);
    PutIdentifiers(object, component, is_file);
    PutReferences(object, component);
    if (!component.supplier.empty()) {
      object["suppliedBy"] = Agent(component.supplier, "Organization");
    }
    if (!component.manufacturer.empty()) {
      object["originatedBy"] = {Agent(component.manufacturer, "Organization")};
    }
    graph_.push_back(std::move(object));
    PutLicence(id, "hasDeclaredLicense",
               component.licences_declared.empty()
                   ? component.licences
                   : component.licences_declared);
    PutLicence(id, "hasConcludedLicense", component.licences_concluded);
    losses_.AddAllBut(kCarriedOfPackage, component);
    losses_.Add("type", purpose.empty() && !component.type.empty() &&
                            component.type != "other");
    return id;
  }

  void PutHashes(Json& object, const Component& component) {
    for (const ClaimedDigest& digest : DigestsOf(component)) {
      const std::string_view word = Spdx3AlgorithmOf(digest.algorithm);
      losses_.Add(fmt::format("the algorithm {}", digest.algorithm),
                  word.empty());
      object["verifiedUsing"].push_back(
          {{"type", "Hash"},
           {"algorithm", std::string(word.empty() ? "other" : word)},
           {"hashValue", digest.hex}});
    }
  }

  // Packages have a field for their URL.
  static void PutIdentifiers(Json& object, const Component& component,
                             bool is_file) {
    const bool cpe23 = component.cpe.substr(0, 8) == "cpe:2.3:";
    const std::string none;
    for (const auto& [type, text] :
         {std::pair{cpe23 ? "cpe23" : "cpe22", &component.cpe},
          std::pair{"swid", &component.swid},
          std::pair{"packageUrl", is_file ? &component.purl : &none}}) {
      if (!text->empty()) {
        object["externalIdentifier"].push_back(
            {{"type", "ExternalIdentifier"},
             {"externalIdentifierType", type},
             {"identifier", *text}});
      }
    }
  }

  void PutReferences(Json& object, const Component& component) {
    for (const ExternalReference& reference : component.external_references) {
      const std::string_view word = Spdx3ReferenceOf(reference.type);
      losses_.Add("the type of a reference",
                  word.empty() && reference.type != "other");
      object["externalRef"].push_back(
          {{"type", "ExternalRef"},
           {"externalRefType", std::string(word.empty() ? "other" : word)},
           {"locator", {reference.url}}});
    }
  }

  void PutLicence(const std::string& from, std::string_view relation,
                  const std::vector<std::string>& licences) {
    if (licences.empty()) {
      return;
    }
    const std::string text = joiner_.Joined(licences);
    Relate(from, relation,
           {text.empty() ? std::string(kNoLicenceAssertion)
                         : LicenceElement(text)},
           "");
  }

  std::string LicenceElement(const std::string& text) {
    const auto [entry, fresh] = licences_.emplace(text, "");
    if (fresh) {
      entry->second = Iri(ids_.Of("", fmt::format("licence-{}", text)));
      Json licence =
          Element("simplelicensing_LicenseExpression", entry->second);
      licence["simplelicensing_licenseExpression"] = text;
      graph_.push_back(std::move(licence));
    }
    return entry->second;
  }

  // Licences that are on no list.
  void PutLicenceTexts() {
    for (const auto& [id, text] : joiner_.texts()) {
      Json licence =
          Element("simplelicensing_SimpleLicensingText", Iri(ids_.Of("", id)));
      licence["name"] = id;
      licence["simplelicensing_licenseText"] = text;
      graph_.push_back(std::move(licence));
    }
  }

  void PutContents(const std::string& root) {
    std::map<std::string, std::vector<std::string>> parts;
    for (std::size_t i = 0; i < id_of_.size(); ++i) {
      const std::string parent = ids_.Known(document_.components[i].parent);
      const std::string from = parent.empty() ? root : Iri(parent);
      if (!from.empty()) {
        parts[from].push_back(id_of_[i]);
      }
    }
    for (auto& [from, to] : parts) {
      Relate(from, "contains", std::move(to), "");
    }
  }

  // What the document says of a list of dependencies.
  struct List {
    std::vector<std::string> to = {};
    std::string completeness = {};
  };
  using Lists = std::map<std::string, List>;  // by id

  Lists ListsOf() {
    Lists lists;
    const auto list_of = [&](const std::string& ref) -> List& {
      return lists[ids_.Known(ref)];  // of "" nothing is written
    };
    for (const std::string& ref : document_.listed_dependencies) {
      (void)list_of(ref);
    }
    for (const Composition& composition : document_.compositions) {
      for (const std::string& ref : composition.dependencies) {
        list_of(ref).completeness = composition.aggregate;
      }
      losses_.Add("the completeness of parts", !composition.assemblies.empty());
    }
    for (const auto& dependency : document_.dependencies) {
      const std::string to = ids_.Known(dependency.to);
      List& list = list_of(dependency.from);
      losses_.Add("dependencies on what the document does not hold",
                  to.empty() || ids_.Known(dependency.from).empty());
      if (!to.empty()) {
        list.to.push_back(Iri(to));
      }
      if (!dependency.completeness.empty()) {
        list.completeness = dependency.completeness;
      }
    }
    lists.erase("");
    return lists;
  }

  // A relationship needs an end: of an empty list, that nothing is there or
  // that nothing is known.
  void PutDependencies() {
    for (auto& [from, list] : ListsOf()) {
      if (list.to.empty()) {
        list.to.emplace_back(list.completeness == "complete" ? kNoElement
                                                             : kUnknownElement);
      }
      std::sort(list.to.begin(), list.to.end());
      list.to.erase(std::unique(list.to.begin(), list.to.end()), list.to.end());
      Relate(Iri(from), "dependsOn", std::move(list.to), list.completeness);
    }
  }

  void Relate(const std::string& from, std::string_view type,
              std::vector<std::string> to, std::string_view completeness) {
    Json relation =
        Element("Relationship",
                Iri(ids_.Of("", fmt::format("relationship-{}", ++relations_))));
    relation["from"] = from;
    relation["relationshipType"] = std::string(type);
    relation["to"] = std::move(to);
    if (completeness == "complete" ||
        completeness.substr(0, 10) == "incomplete") {
      relation["completeness"] = std::string(completeness.substr(0, 10));
    } else if (!completeness.empty()) {
      relation["completeness"] = "noAssertion";
    }
    losses_.Add("how a list is incomplete",
                completeness.size() > 10 && completeness[0] == 'i');
    graph_.push_back(std::move(relation));
  }

  void PutCollections(const std::string& root) {
    const std::string licence =
        document_.data_licence.empty()
            ? ""
            : LicenceElement(joiner_.Joined({document_.data_licence}));
    PutLicenceTexts();  // of all that were made
    const std::vector<std::string> all = elements_;
    const std::string sbom = Iri(ids_.Of("", "sbom"));
    Json bom = Element("software_Sbom", sbom);
    for (const std::string& phase : document_.lifecycle_phases) {
      if (const auto type = SbomTypeOf(phase); !type.empty()) {
        bom["software_sbomType"].push_back(std::string(type));
      } else {
        losses_.Add("a lifecycle phase", true);
      }
    }
    if (!root.empty()) {
      bom["rootElement"] = {root};
    }
    bom["element"] = all;
    graph_.push_back(std::move(bom));
    Json document = Element("SpdxDocument", Iri(ids_.Of("", "document")));
    document["name"] = !document_.name.empty() ? document_.name
                       : document_.subject     ? document_.subject->name
                                               : "document";
    document["profileConformance"] = {"core", "software", "simpleLicensing",
                                      "extension"};
    PutSpdx3Properties(WithVersion(document_), document);
    if (!licence.empty()) {
      document["dataLicense"] = licence;
    }
    document["rootElement"] = {sbom};
    std::vector<std::string> held = all;
    held.push_back(sbom);
    document["element"] = std::move(held);
    graph_.push_back(std::move(document));
  }

  const SbomDocument& document_;
  std::string base_;
  IdMaker ids_{""};
  std::vector<std::string> id_of_ = {};  // per component
  Json graph_ = Json::array();
  std::vector<std::string> elements_ = {};
  std::map<std::string, std::string> agents_ = {};
  std::map<std::string, std::string> licences_ = {};
  LicenceJoiner joiner_ = {};
  std::size_t relations_ = 0;
  LossTally losses_ = {};
};

WrittenSbom Write(const SbomDocument& document, std::string_view /*version*/) {
  return Writer(document).Run();
}

}  // namespace

const SbomWriter kSpdx3Json = {
    .name = "spdx-json",
    .title = "SPDX 3.0.1, JSON-LD",
    .reference = "SPDX 3.0.1, profiles core, software, simple licensing",
    .versions = {"3.0.1"},
    .write = Write,
};

}  // namespace assay::sbom::write
