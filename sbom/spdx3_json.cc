// SPDX 3 as JSON-LD, read closed-world: the one context that the specification
// publishes is taken as known, and nothing is fetched. Specification: SPDX
// 3.0.1, model (Core, Software, SimpleLicensing) and annex on serialisation.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sbom/document_builder.h"
#include "sbom/registry.h"
#include "sbom/schemas/official.h"
#include "sbom/spdx3_model.h"
#include "sbom/spdx_properties.h"
#include "sbom/spdx_words.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

bool Identify(const SbomSource& source) {
  return !Spdx3VersionOf(source.json()).empty();
}

Value IdOf(Value element) {
  const Value id = element["spdxId"];
  return id.is_string() ? id : element["@id"];
}

// One document while it is read.
class Reader {
 public:
  explicit Reader(const Tree& tree)
      : builder_(tree), elements_(Spdx3ElementsOf(tree.root())) {
    (void)builder_.Array(builder_.root(), "@graph");
    for (const Value element : elements_) {
      (void)builder_.IsObject(element);  // others keep their position
    }
  }

  SbomDocument Read() {
    builder_.document.format = "SPDX 3 JSON-LD";
    Declare();
    ReadHead();
    ReadComponents();
    ReadRelationships();
    TakeSubject();
    SettleEmptyLists(builder_.document);
    return builder_.Finish();
  }

 private:
  void Declare() {
    for (const Value element : elements_) {
      const std::string_view id = IdOf(element).text();
      if (id.empty() && element.is_object()) {
        builder_.Report(element, "spdxId", "sbom.reference-empty",
                        "an element without spdxId");
      }
      if (id.empty()) {
        continue;
      }
      builder_.Declare(id, element);
      by_id_.emplace(id, element);
      for (const Value part : element["externalMap"].is_array()
                                  ? element["externalMap"]
                                  : element["import"]) {
        elsewhere_.emplace(part["externalSpdxId"].text(), part);
      }
    }
  }

  // An element that a value refers to, or holds itself.
  Value Element(Value reference) {
    if (reference.is_object()) {
      return reference;
    }
    const auto found = by_id_.find(reference.text());
    return found == by_id_.end() ? Value() : found->second;
  }

  // Core individuals and elements of imported documents are not in the graph.
  void Resolve(Value reference) {
    constexpr std::array<std::string_view, 5> kIndividuals = {
        "NoAssertionElement", "NoAssertionLicense", "NoneElement",
        "NoneLicense", "SpdxOrganization"};
    const std::string_view text = reference.text();
    const std::string_view last = text.substr(text.rfind('/') + 1);
    const bool known = std::find(kIndividuals.begin(), kIndividuals.end(),
                                 last) != kIndividuals.end();
    if (reference.is_string() && !known && elsewhere_.count(text) == 0) {
      (void)builder_.Resolve(text, reference);
    }
  }

  // The names of the agents or tools at a key, which holds one or more.
  std::vector<std::string> Names(Value object, std::string_view key) {
    std::vector<std::string> names;
    const auto add = [&](Value reference) {
      const Value element = Element(reference);
      names.push_back(element.exists() ? Spdx3PartyOf(element)
                                       : std::string(reference.text()));
    };
    const Value value = object[key];
    if (value.is_array()) {
      for (const Value each : value) {
        add(each);
      }
    } else if (value.exists()) {
      add(value);
    }
    return names;
  }

  static std::string Joined(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
  }

  void ReadHead() {
    SbomDocument& document = builder_.document;
    for (const Value element : elements_) {
      const std::string_view type = element["type"].text();
      if (type == "SpdxDocument") {
        document.serial = IdOf(element).text();
        document.name = builder_.Text(element, "name");
        document.properties = Spdx3PropertiesOf(element);
        TakeVersion(document);
        ReadCreation(Element(element["creationInfo"]));
        const Value licence = Element(element["dataLicense"]);
        document.data_licence =
            licence.exists()
                ? licence["simplelicensing_licenseExpression"].text()
                : element["dataLicense"].text();
        AddRoots(element);
      } else if (type == "software_Sbom" || type == "Bom") {
        AddRoots(element);
        for (const Value phase : element["software_sbomType"]) {
          document.lifecycle_phases.emplace_back(phase.text());
        }
      }
    }
    if (document.spec_version.empty()) {
      document.spec_version = Spdx3VersionOf(builder_.root());
    }
  }

  void ReadCreation(Value info) {
    SbomDocument& document = builder_.document;
    document.spec_version = builder_.Text(info, "specVersion");
    document.timestamp = builder_.Text(info, "created");
    if (info.exists()) {
      builder_.CheckTimestamp(document.timestamp, info, "created");
    }
    document.authors = Names(info, "createdBy");
    document.tools = Names(info, "createdUsing");
  }

  void AddRoots(Value collection) {
    for (const Value root : builder_.Array(collection, "rootElement")) {
      Resolve(root);
      roots_.push_back(root.text());
    }
  }

  void ReadComponents() {
    std::size_t position = 0;
    for (const Value element : elements_) {
      const std::string at = Join("/@graph", position++);
      const std::string_view type = element["type"].text();
      const bool file = type == "software_File";
      if (!file && !IsSpdx3Package(type)) {
        continue;
      }
      Component component = ReadComponent(element, file);
      component.pointer = at;
      places_.emplace(component.ref, builder_.document.components.size());
      if (!builder_.AddComponent(std::move(component), element)) {
        return;
      }
    }
  }

  Component ReadComponent(Value element, bool file) {
    Component component{
        .ref = builder_.Id(IdOf(element)),
        .type = file ? "file" : PurposeOf(element),
        .name = builder_.Text(element, "name"),
        .version = builder_.Text(element, "software_packageVersion"),
        .purl = builder_.Text(element, "software_packageUrl")};
    component.supplier = Joined(Names(element, "suppliedBy"));
    component.manufacturer = Joined(Names(element, "originatedBy"));
    if (component.supplier.empty()) {
      component.supplier = component.manufacturer;
    }
    component.copyright = builder_.Text(element, "software_copyrightText");
    component.description = builder_.Text(element, "description");
    ReadDigests(element, component);
    ReadIdentifiers(element, component);
    component.properties = Spdx3PropertiesOf(element);
    if (file) {
      if (std::string path = NormalPath(component.name); !path.empty()) {
        component.files.push_back(std::move(path));
      }
    }
    builder_.CheckIdentity(component, element);
    return component;
  }

  std::string PurposeOf(Value element) {
    const std::string purpose =
        builder_.Text(element, "software_primaryPurpose");
    return purpose.empty() ? "library" : TypeOfSpdx3Purpose(purpose);
  }

  void ReadDigests(Value element, Component& component) {
    for (const Value each : builder_.Array(element, "verifiedUsing")) {
      const Value method = Element(each);
      if (method["type"].text() == "Hash") {
        builder_.AddDigest(component, builder_.Text(method, "algorithm"),
                           builder_.Text(method, "hashValue"), method);
      }
    }
  }

  void ReadIdentifiers(Value element, Component& component) {
    for (const Value each : builder_.Array(element, "externalIdentifier")) {
      const Value identifier = Element(each);
      const std::string type =
          builder_.Text(identifier, "externalIdentifierType");
      std::string value = builder_.Text(identifier, "identifier");
      if (type == "packageUrl" && component.purl.empty()) {
        component.purl = std::move(value);
      } else if (type == "cpe23" ||
                 (type == "cpe22" && component.cpe.empty())) {
        component.cpe = std::move(value);
      } else if (type == "swid") {
        component.swid = std::move(value);
      }
    }
    for (const Value each : builder_.Array(element, "externalRef")) {
      const Value reference = Element(each);
      for (const Value locator : builder_.Array(reference, "locator")) {
        component.external_references.push_back(
            {TypeOfSpdx3Reference(builder_.Text(reference, "externalRefType")),
             std::string(locator.text())});
      }
    }
  }

  void ReadRelationships() {
    for (const Value element : elements_) {
      const std::string_view type = element["type"].text();
      if (type == "Relationship" || type == "LifecycleScopedRelationship") {
        Resolve(element["from"]);
        for (const Value to : builder_.Array(element, "to")) {
          Resolve(to);
          Apply(element, to);
        }
      }
    }
  }

  Component* At(std::string_view id) {
    const auto found = places_.find(std::string(id));
    return found == places_.end()
               ? nullptr
               : &builder_.document.components[found->second];
  }

  void Apply(Value relationship, Value to) {
    const std::string_view type = relationship["relationshipType"].text();
    const std::string_view from = relationship["from"].text();
    if (type == "contains") {
      Component* child = At(to.text());
      if (child != nullptr && child->parent.empty() && from != to.text()) {
        builder_.Nest(*child, from, relationship);
      }
    } else if (type == "dependsOn" || type == "hasDynamicLink" ||
               type == "hasStaticLink") {
      AddDependency(relationship, from, to);
    } else if (type == "describes") {
      roots_.push_back(to.text());
    } else if (type == "hasDeclaredLicense" || type == "hasConcludedLicense") {
      const bool declared = type == "hasDeclaredLicense";
      if (IsNoAssertion(to)) {
        AddUnknownLicence(At(from), declared);
      } else {
        AddLicence(At(from), Element(to), declared);
      }
    }
  }

  void AddDependency(Value relationship, std::string_view from, Value to) {
    builder_.AddDependency({std::string(from), std::string(to.text()),
                            std::string(relationship["completeness"].text())},
                           relationship);
    auto& listed = builder_.document.listed_dependencies;
    if (listed.empty() || listed.back() != from) {
      listed.emplace_back(from);
    }
    const std::string_view scope = relationship["scope"].text();
    Component* component = At(to.text());
    if (component != nullptr &&
        (scope == "build" || scope == "test" || scope == "development")) {
      component->scope = "excluded";
    }
  }

  static bool IsNoAssertion(Value reference) {
    const std::string_view text = reference.text();
    return text.substr(text.rfind('/') + 1) == "NoAssertionLicense";
  }

  // Unknown, and said to be, as SPDX 2 words it.
  static void AddUnknownLicence(Component* component, bool declared) {
    if (component != nullptr) {
      (declared ? component->licences_declared : component->licences_concluded)
          .emplace_back("NOASSERTION");
    }
  }

  static void AddLicence(Component* component, Value licence, bool declared) {
    std::string text(licence["simplelicensing_licenseExpression"].text());
    text = text.empty() ? std::string(licence["name"].text()) : text;
    if (component == nullptr || text.empty()) {
      return;
    }
    auto& stated =
        declared ? component->licences_declared : component->licences_concluded;
    stated.push_back(text);
    if (std::find(component->licences.begin(), component->licences.end(),
                  text) == component->licences.end()) {
      component->licences.push_back(std::move(text));
    }
  }

  // The first root that is a component: a document's root may be an Sbom,
  // whose own root follows.
  void TakeSubject() {
    auto& components = builder_.document.components;
    for (const std::string_view root : roots_) {
      const auto found = places_.find(std::string(root));
      if (found != places_.end()) {
        const auto at =
            components.begin() + static_cast<std::ptrdiff_t>(found->second);
        builder_.document.subject = std::move(*at);
        components.erase(at);
        return;
      }
    }
    builder_.Report(builder_.root(), "sbom.subject-missing",
                    "the document does not say what it describes");
  }

  DocumentBuilder builder_;
  std::vector<Value> elements_;
  std::unordered_map<std::string_view, Value> by_id_;
  std::unordered_map<std::string_view, Value> elsewhere_;
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<std::string_view> roots_;
};

Result<SbomDocument> Read(const SbomSource& source) {
  return Reader(source.json_tree()).Read();
}

SchemaCheck Validate(const SbomSource& source) {
  const Tree& tree = source.json_tree();
  const JsonSchema* schema = Spdx3JsonSchema(Spdx3VersionOf(tree.root()));
  return schema == nullptr ? CheckSpdx3(tree)
                           : SchemaCheck{.schema = schema->name(),
                                         .problems = schema->Validate(tree)};
}

}  // namespace

const SbomReader kSpdx3Json = {
    .name = "spdx3-json",
    .title = "SPDX 3.0, JSON-LD",
    .reference = "SPDX 3.0.1, model; spdx-context.jsonld; JSON schema",
    .identify = Identify,
    .read = Read,
    .validate = Validate,
};

}  // namespace assay::sbom
