#include "sbom/cyclonedx_component.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sbom/writers/cyclonedx_words.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::array<std::string_view, 4> kScopes = {"required", "optional",
                                                     "excluded", ""};

template <typename List>
bool Holds(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

void ReadLicences(Value object, Component& component,
                  DocumentBuilder& builder) {
  for (CycloneDxLicence& licence : ReadCycloneDxLicences(object, builder)) {
    if (licence.acknowledgement == "declared") {
      component.licences_declared.push_back(licence.text);
    } else if (licence.acknowledgement == "concluded") {
      component.licences_concluded.push_back(licence.text);
    }
    component.licences.push_back(std::move(licence.text));
  }
}

void ReadHashes(Value object, Component& component, DocumentBuilder& builder) {
  for (const Value hash : builder.Array(object, "hashes")) {
    if (builder.IsObject(hash)) {
      builder.AddDigest(component, builder.Text(hash, "alg"),
                        builder.Text(hash, "content"), hash);
    }
  }
}

void AddFile(std::string_view name, Component& component) {
  std::string path = NormalPath(name);
  if (!path.empty()) {
    component.files.push_back(std::move(path));
  }
}

// One identity, with a line for each technique it gives.
void ReadIdentity(Value identity, Component& component,
                  DocumentBuilder& builder) {
  IdentityEvidence evidence;
  evidence.field = builder.Text(identity, "field");
  evidence.confidence = identity["confidence"].text();
  evidence.value = builder.Text(identity, "concludedValue");
  const Value methods = builder.Array(identity, "methods");
  for (const Value method : methods) {
    IdentityEvidence each = evidence;
    each.technique = builder.Text(method, "technique");
    each.confidence = method["confidence"].text();
    if (const Value value = method["value"]; value.is_string()) {
      each.value = value.text();
    }
    component.identity_evidence.push_back(std::move(each));
  }
  if (methods.size() == 0) {
    component.identity_evidence.push_back(std::move(evidence));
  }
}

void ReadEvidence(Value object, Component& component,
                  DocumentBuilder& builder) {
  const Value evidence = builder.Object(object, "evidence");
  for (const Value occurrence : builder.Array(evidence, "occurrences")) {
    if (builder.IsObject(occurrence)) {
      AddFile(builder.Text(occurrence, "location"), component);
    }
  }
  // Until 1.5 one object, since 1.6 an array of them.
  const Value identity = evidence["identity"];
  if (identity.is_object()) {
    ReadIdentity(identity, component, builder);
  }
  for (const Value each : identity.is_array() ? identity : Value()) {
    if (builder.IsObject(each)) {
      ReadIdentity(each, component, builder);
    }
  }
}

std::string Joined(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, ", "));
}

// Whoever the document says delivers the component: the supplier before the
// manufacturer (1.6), the publisher and the author.
std::string SupplierOf(const Component& component, Value object,
                       DocumentBuilder& builder) {
  std::string supplier =
      ReadCycloneDxParty(builder.Object(object, "supplier"), builder);
  if (supplier.empty()) {
    supplier = component.manufacturer;
  }
  if (supplier.empty()) {
    supplier = builder.Text(object, "publisher");
  }
  return supplier.empty() ? component.author : supplier;
}

void ReadParties(Value object, Component& component, DocumentBuilder& builder) {
  component.manufacturer =
      ReadCycloneDxParty(builder.Object(object, "manufacturer"), builder);
  component.author = builder.Text(object, "author");
  if (component.author.empty()) {
    component.author =
        Joined(ReadCycloneDxContacts(object, "authors", builder));
  }
  component.supplier = SupplierOf(component, object, builder);
}

// An array of components that is being read.
struct Level {
  Value::Iterator next;
  Value::Iterator end;
  std::size_t position;
  std::string pointer;
  std::string parent;
};

}  // namespace

std::vector<CycloneDxLicence> ReadCycloneDxLicences(Value object,
                                                    DocumentBuilder& builder) {
  std::vector<CycloneDxLicence> licences;
  for (const Value choice : builder.Array(object, "licenses")) {
    if (!builder.IsObject(choice)) {
      continue;
    }
    const Value licence = builder.Object(choice, "license");
    std::string acknowledgement = builder.Text(choice, "acknowledgement");
    if (acknowledgement.empty()) {
      acknowledgement = builder.Text(licence, "acknowledgement");
    }
    std::size_t stated = 0;
    for (std::string text :
         {builder.Text(choice, "expression"), builder.Text(licence, "id"),
          builder.Text(licence, "name")}) {
      if (!text.empty()) {
        licences.push_back({std::move(text), acknowledgement});
        ++stated;
      }
    }
    if (stated != 1) {
      builder.Report(choice, "sbom.licence-malformed",
                     "neither one expression nor one id or name");
    }
  }
  return licences;
}

std::vector<ExternalReference> ReadCycloneDxReferences(
    Value object, DocumentBuilder& builder) {
  std::vector<ExternalReference> references;
  for (const Value each : builder.Array(object, "externalReferences")) {
    if (builder.IsObject(each)) {
      references.push_back(
          {builder.Text(each, "type"), builder.Text(each, "url")});
    }
  }
  return references;
}

std::vector<Property> ReadCycloneDxProperties(Value object,
                                              DocumentBuilder& builder) {
  std::vector<Property> properties;
  for (const Value each : builder.Array(object, "properties")) {
    if (!builder.IsObject(each)) {
      continue;
    }
    properties.push_back(
        {builder.Text(each, "name"), builder.Text(each, "value")});
    if (properties.back().name.empty() && !each["name"].exists()) {
      builder.Report(each, "name", "sbom.property-malformed",
                     "a property without name");
    }
  }
  return properties;
}

std::string ReadCycloneDxParty(Value entity, DocumentBuilder& builder) {
  std::string name = builder.Text(entity, "name");
  std::string reached = builder.Text(entity, "email");
  for (const Value contact : builder.Array(entity, "contact")) {
    if (reached.empty() && builder.IsObject(contact)) {
      reached = builder.Text(contact, "email");
    }
  }
  const Value urls = entity["url"];  // of XML: one text
  if (reached.empty() && urls.is_string()) {
    reached = urls.text();
  }
  for (const Value url : urls) {
    reached = reached.empty() ? std::string(url.text()) : reached;
  }
  if (name.empty() || reached.empty()) {
    return name.empty() ? reached : name;
  }
  return fmt::format("{} <{}>", name, reached);
}

std::vector<std::string> ReadCycloneDxContacts(Value object,
                                               std::string_view key,
                                               DocumentBuilder& builder) {
  std::vector<std::string> names;
  for (const Value contact : builder.Array(object, key)) {
    if (builder.IsObject(contact)) {
      names.push_back(ReadCycloneDxParty(contact, builder));
    }
  }
  return names;
}

Component ReadCycloneDxComponent(Value object, std::string_view pointer,
                                 DocumentBuilder& builder) {
  Component component{.ref = builder.Id(object, "bom-ref"),
                      .type = builder.Text(object, "type"),
                      .group = builder.Text(object, "group"),
                      .name = builder.Text(object, "name"),
                      .version = builder.Text(object, "version"),
                      .purl = builder.Text(object, "purl"),
                      .scope = builder.Text(object, "scope"),
                      .pointer = std::string(pointer)};
  if (component.type.empty() || !Holds(write::kTypes, component.type)) {
    builder.Report(object, "type", "sbom.component-type-unknown",
                   fmt::format("\"{}\"", Escaped(component.type)));
  }
  if (!Holds(kScopes, component.scope)) {
    builder.Report(object, "scope", "sbom.scope-unknown",
                   fmt::format("\"{}\"", Escaped(component.scope)));
  }
  if (object["isExternal"].is_true()) {  // 1.7: not delivered
    component.scope = "excluded";
  }
  component.cpe = builder.Text(object, "cpe");
  component.swid = builder.Text(builder.Object(object, "swid"), "tagId");
  component.copyright = builder.Text(object, "copyright");
  component.description = builder.Text(object, "description");
  ReadParties(object, component, builder);
  ReadLicences(object, component, builder);
  ReadHashes(object, component, builder);
  if (component.type == "file") {
    AddFile(component.name, component);
  }
  ReadEvidence(object, component, builder);
  component.external_references = ReadCycloneDxReferences(object, builder);
  component.properties = ReadCycloneDxProperties(object, builder);
  builder.CheckIdentity(component, object);
  return component;
}

void ReadCycloneDxComponents(Value array, std::string_view pointer,
                             std::string_view parent,
                             DocumentBuilder& builder) {
  std::vector<Level> levels;
  const auto enter = [&](Value list, std::string at, std::string owner) {
    levels.push_back(
        {list.begin(), list.end(), 0, std::move(at), std::move(owner)});
  };
  enter(array, std::string(pointer), std::string(parent));
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.end) {
      levels.pop_back();
      continue;
    }
    const Value object = *level.next++;
    const std::string at = Join(level.pointer, level.position++);
    if (!builder.IsObject(object)) {
      continue;
    }
    Component component = ReadCycloneDxComponent(object, at, builder);
    component.parent = level.parent;
    std::string self = component.ref.empty() ? at : component.ref;
    if (!builder.AddComponent(std::move(component), object)) {
      return;
    }
    if (const Value nested = builder.Array(object, "components");
        nested.exists()) {
      enter(nested, Join(at, "components"), std::move(self));
    }
  }
}

}  // namespace assay::sbom
