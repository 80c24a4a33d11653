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

#include "sbom/writer.h"
#include "sbom/writer_support.h"

namespace assay::sbom::write {
namespace {

constexpr std::string_view kContext =
    "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";
constexpr std::string_view kCreation = "_:creationinfo";
constexpr std::string_view kNoLicenceAssertion =
    "https://spdx.org/rdf/3.0.1/terms/ExpandedLicensing/NoAssertionLicense";

using Words = std::pair<std::string_view, std::string_view>;

// Software/SoftwarePurpose by CycloneDX's types and SPDX 2's purposes.
constexpr std::array<Words, 17> kPurposes = {
    {{"application", "application"},
     {"framework", "framework"},
     {"library", "library"},
     {"container", "container"},
     {"platform", "platform"},
     {"operating-system", "operatingSystem"},
     {"device", "device"},
     {"device-driver", "deviceDriver"},
     {"firmware", "firmware"},
     {"file", "file"},
     {"data", "data"},
     {"machine-learning-model", "model"},
     {"source", "source"},
     {"archive", "archive"},
     {"install", "install"},
     {"executable", "executable"},
     {"cryptographic-asset", "other"}}};

// Core/HashAlgorithm by CycloneDX's spelling.
constexpr std::array<Words, 14> kAlgorithms = {{{"MD5", "md5"},
                                                {"SHA-1", "sha1"},
                                                {"SHA-224", "sha224"},
                                                {"SHA-256", "sha256"},
                                                {"SHA-384", "sha384"},
                                                {"SHA-512", "sha512"},
                                                {"SHA3-256", "sha3_256"},
                                                {"SHA3-384", "sha3_384"},
                                                {"SHA3-512", "sha3_512"},
                                                {"BLAKE2b-256", "blake2b256"},
                                                {"BLAKE2b-384", "blake2b384"},
                                                {"BLAKE2b-512", "blake2b512"},
                                                {"BLAKE3", "blake3"},
                                                {"ADLER32", "adler32"}}};

// Core/ExternalRefType; all others are "other".
constexpr std::array<Words, 8> kReferences = {
    {{"vcs", "vcs"},
     {"website", "altWebPage"},
     {"advisories", "securityAdvisory"},
     {"distribution", "altDownloadLocation"},
     {"source-distribution", "sourceArtifact"},
     {"documentation", "documentation"},
     {"issue-tracker", "issueTracker"},
     {"rfc-9116", "securityOther"}}};

// Software/SbomType by CycloneDX's lifecycle phase.
constexpr std::array<Words, 10> kSbomTypes = {{{"design", "design"},
                                               {"pre-build", "source"},
                                               {"source", "source"},
                                               {"build", "build"},
                                               {"post-build", "analyzed"},
                                               {"analyzed", "analyzed"},
                                               {"operations", "runtime"},
                                               {"runtime", "runtime"},
                                               {"deployed", "deployed"},
                                               {"discovery", "deployed"}}};

template <typename Table>
std::string_view Find(const Table& table, std::string_view word) {
  for (const auto& [from, to] : table) {
    if (from == word) {
      return to;
    }
  }
  return "";
}

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
      (void)PutComponent(component);
    }
    PutLicenceTexts();
    PutContents(root);
    PutDependencies();
    PutCollections(root);
    losses_.Add("the document's version", document_.version.size() > 1);
    losses_.Add("the document's properties", !document_.properties.empty());
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
    PutPurposes(object, component);
    PutIf(object, "software_copyrightText", component.copyright);
    PutHashes(object, component);
    PutIdentifiers(object, component);
    PutReferences(object, component);
    if (!component.supplier.empty() && component.supplier != kNoAssertion) {
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
    losses_.Add("scope", !component.scope.empty());
    losses_.Add("evidence", !component.identity_evidence.empty());
    losses_.Add("the files of a component", !is_file &&
                                                component.type != "file" &&
                                                !component.files.empty());
    return id;
  }

  // BSI's properties say what a file is besides its purpose.
  void PutPurposes(Json& object, const Component& component) {
    const std::string_view purpose = Find(kPurposes, component.type);
    object["software_primaryPurpose"] =
        std::string(purpose.empty() ? "other" : purpose);
    std::size_t other = 0;
    for (const Property& property : component.properties) {
      std::string_view word;
      if (property.value == "executable" || property.value == "archive") {
        word = property.value;
      } else if (property.value == "structured") {
        word = "container";
      } else if (property.value == "unstructured") {
        word = "firmware";
      }
      if (property.name.substr(0, 14) != "bsi:component:") {
        ++other;
      } else if (!word.empty()) {
        object["software_additionalPurpose"].push_back(std::string(word));
      }
    }
    losses_.Add("properties", other != 0);
  }

  void PutHashes(Json& object, const Component& component) {
    for (const ClaimedDigest& digest : DigestsOf(component)) {
      const std::string_view word = Find(kAlgorithms, digest.algorithm);
      object["verifiedUsing"].push_back(
          {{"type", "Hash"},
           {"algorithm", std::string(word.empty() ? "other" : word)},
           {"hashValue", digest.hex}});
    }
  }

  static void PutIdentifiers(Json& object, const Component& component) {
    const bool cpe23 = component.cpe.substr(0, 8) == "cpe:2.3:";
    for (const auto& [type, text] :
         {std::pair{cpe23 ? "cpe23" : "cpe22", &component.cpe},
          std::pair{"swid", &component.swid}}) {
      if (!text->empty()) {
        object["externalIdentifier"].push_back(
            {{"type", "ExternalIdentifier"},
             {"externalIdentifierType", type},
             {"identifier", *text}});
      }
    }
  }

  static void PutReferences(Json& object, const Component& component) {
    for (const ExternalReference& reference : component.external_references) {
      const std::string_view word = Find(kReferences, reference.type);
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
    for (const Component& component : document_.components) {
      const std::string parent = ids_.Known(component.parent);
      const std::string from = parent.empty() ? root : Iri(parent);
      if (!from.empty()) {
        parts[from].push_back(Iri(ids_.Known(
            component.ref.empty() ? component.pointer : component.ref)));
      }
    }
    for (auto& [from, to] : parts) {
      Relate(from, "contains", std::move(to), "");
    }
  }

  void PutDependencies() {
    struct List {
      std::vector<std::string> to = {};
      std::string completeness = {};
    };
    std::map<std::string, List> lists;
    for (const auto& dependency : document_.dependencies) {
      const std::string to = ids_.Known(dependency.to);
      if (!ids_.Known(dependency.from).empty() && !to.empty()) {
        List& list = lists[ids_.Known(dependency.from)];
        list.to.push_back(Iri(to));
        list.completeness = dependency.completeness;
      }
    }
    for (auto& [from, list] : lists) {
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
    if (completeness == "complete" || completeness == "incomplete") {
      relation["completeness"] = std::string(completeness);
    } else if (completeness == "unknown") {
      relation["completeness"] = "noAssertion";
    }
    graph_.push_back(std::move(relation));
  }

  void PutCollections(const std::string& root) {
    const std::vector<std::string> all = elements_;
    const std::string sbom = Iri(ids_.Of("", "sbom"));
    Json bom = Element("software_Sbom", sbom);
    for (const std::string& phase : document_.lifecycle_phases) {
      if (const auto type = Find(kSbomTypes, phase); !type.empty()) {
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
    document["profileConformance"] = {"core", "software", "simpleLicensing"};
    document["rootElement"] = {sbom};
    std::vector<std::string> held = all;
    held.push_back(sbom);
    document["element"] = std::move(held);
    graph_.push_back(std::move(document));
  }

  const SbomDocument& document_;
  std::string base_;
  IdMaker ids_{""};
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
