// Specification: CycloneDX 1.7 (ECMA-424, second edition); older versions have
// the same shape with fewer fields, and two arrangements (tools, the identity
// evidence), of which both are read.

#include "sbom/cyclonedx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sbom/cyclonedx_component.h"
#include "sbom/document_builder.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::array<std::string_view, 8> kVersions = {
    "1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"};

// "bom-ref" must be unique within the document, whatever it names. Formulas are
// left out: they repeat a workspace, with its name, wherever a task uses it.
void DeclareReferences(DocumentBuilder& builder) {
  struct Level {
    Value::Iterator next;
    Value::Iterator end;
  };
  std::vector<Level> levels;
  levels.push_back({builder.root().begin(), builder.root().end()});
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next == level.end) {
      levels.pop_back();
      continue;
    }
    const Value value = *level.next++;
    if (value.key() == "bom-ref" && value.is_string()) {
      if (value.text().empty()) {
        builder.Report(value, "sbom.reference-empty", "an empty bom-ref");
      } else {
        builder.Declare(value.text(), value);
      }
    } else if (value.size() > 0 && value.key() != "formulation") {
      levels.push_back({value.begin(), value.end()});
    }
  }
}

// References to other documents (BOM-Link) are not followed.
bool IsElsewhere(std::string_view ref) {
  return ref.substr(0, 8) == "urn:cdx:";
}

// The references of an array; notes those that lead nowhere.
std::vector<std::string> ReadRefs(Value object, std::string_view key,
                                  DocumentBuilder& builder) {
  std::vector<std::string> refs;
  for (const Value ref : builder.Array(object, key)) {
    if (!builder.IsString(ref)) {
      continue;
    }
    if (ref.text().empty()) {
      builder.Report(ref, "sbom.reference-empty", "an empty reference");
    } else if (!IsElsewhere(ref.text())) {
      (void)builder.Resolve(ref.text(), ref);
    }
    refs.push_back(builder.Id(ref));
  }
  return refs;
}

void ReadDependencies(DocumentBuilder& builder) {
  for (const Value each : builder.Array(builder.root(), "dependencies")) {
    if (!builder.IsObject(each)) {
      continue;
    }
    const std::string from = builder.Id(each, "ref");
    if (const Value ref = each["ref"]; !IsElsewhere(from)) {
      (void)builder.Resolve(ref.text(), ref.exists() ? ref : each);
    }
    builder.document.listed_dependencies.push_back(from);
    for (std::string& to : ReadRefs(each, "dependsOn", builder)) {
      if (!builder.AddDependency({from, std::move(to)}, each)) {
        return;
      }
    }
  }
}

// All words of the vocabulary are shorter; each dependency repeats one.
std::string ReadAggregate(Value composition, DocumentBuilder& builder) {
  constexpr std::size_t kLongest = 64;
  std::string word = builder.Text(composition, "aggregate");
  if (word.size() > kLongest) {
    builder.Report(composition, "aggregate", "sbom.value-unknown",
                   fmt::format("{} bytes", word.size()));
    word.clear();
  }
  return word;
}

void ReadCompositions(DocumentBuilder& builder) {
  std::map<std::string, std::string> completeness;
  for (const Value each : builder.Array(builder.root(), "compositions")) {
    Composition composition{
        .aggregate = ReadAggregate(each, builder),
        .assemblies = ReadRefs(each, "assemblies", builder),
        .dependencies = ReadRefs(each, "dependencies", builder)};
    for (const std::string& ref : composition.dependencies) {
      completeness.emplace(ref, composition.aggregate);
    }
    builder.document.compositions.push_back(std::move(composition));
  }
  for (SbomDocument::Dependency& each : builder.document.dependencies) {
    if (const auto found = completeness.find(each.from);
        found != completeness.end()) {
      each.completeness = found->second;
    }
  }
}

std::string NameAndVersion(Value object, DocumentBuilder& builder) {
  const std::string name = builder.Text(object, "name");
  const std::string version = builder.Text(object, "version");
  return version.empty() ? name : fmt::format("{} {}", name, version);
}

// Up to 1.4 an array of tools; since 1.5 an object of components and services.
void ReadTools(Value metadata, DocumentBuilder& builder) {
  const auto read = [&](Value list) {
    for (const Value tool : list) {
      builder.document.tools.push_back(NameAndVersion(tool, builder));
    }
  };
  const Value tools = metadata["tools"];
  if (tools.is_array()) {
    read(tools);
    return;
  }
  (void)builder.Object(metadata, "tools");
  read(builder.Array(tools, "components"));
  read(builder.Array(tools, "services"));
}

void ReadMakers(Value metadata, DocumentBuilder& builder) {
  SbomDocument& document = builder.document;
  document.authors = ReadCycloneDxContacts(metadata, "authors", builder);
  document.supplier =
      ReadCycloneDxParty(builder.Object(metadata, "supplier"), builder);
  for (const std::string_view key : {"manufacturer", "manufacture"}) {
    std::string name =
        ReadCycloneDxParty(builder.Object(metadata, key), builder);
    if (document.manufacturer.empty()) {
      document.manufacturer = std::move(name);
    }
  }
  if (document.authors.empty() && !document.manufacturer.empty()) {
    document.authors.push_back(document.manufacturer);
  }
}

void ReadPhases(Value metadata, DocumentBuilder& builder) {
  for (const Value each : builder.Array(metadata, "lifecycles")) {
    std::string phase = builder.Text(each, "phase");
    builder.document.lifecycle_phases.push_back(
        phase.empty() ? builder.Text(each, "name") : std::move(phase));
  }
}

void ReadSubject(Value metadata, DocumentBuilder& builder) {
  const Value subject = builder.Object(metadata, "component");
  if (!subject.is_object()) {
    if (metadata.exists()) {
      builder.Report(metadata, "component", "sbom.subject-missing",
                     "the document does not say what it describes");
    } else {
      builder.Report(builder.root(), "metadata", "sbom.subject-missing",
                     "the document does not say what it describes");
    }
    return;
  }
  constexpr std::string_view kAt = "/metadata/component";
  Component component = ReadCycloneDxComponent(subject, kAt, builder);
  const std::string self =
      component.ref.empty() ? std::string(kAt) : component.ref;
  builder.document.subject = std::move(component);
  ReadCycloneDxComponents(builder.Array(subject, "components"),
                          Join(kAt, "components"), self, builder);
}

void ReadMetadata(DocumentBuilder& builder) {
  const Value metadata = builder.Object(builder.root(), "metadata");
  SbomDocument& document = builder.document;
  document.timestamp = builder.Text(metadata, "timestamp");
  if (!document.timestamp.empty()) {
    builder.CheckTimestamp(document.timestamp, metadata, "timestamp");
  }
  ReadTools(metadata, builder);
  ReadMakers(metadata, builder);
  ReadPhases(metadata, builder);
  for (CycloneDxLicence& licence : ReadCycloneDxLicences(metadata, builder)) {
    document.data_licence += document.data_licence.empty() ? "" : " AND ";
    document.data_licence += licence.text;
  }
  document.properties = ReadCycloneDxProperties(metadata, builder);
  ReadSubject(metadata, builder);
}

// RFC 4122 section 3, as the schema's pattern asks for it.
bool IsUuidUrn(std::string_view text) {
  constexpr std::string_view kShape =
      "urn:uuid:hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
  return std::equal(text.begin(), text.end(), kShape.begin(), kShape.end(),
                    [](char c, char shape) {
                      const bool hex = (c >= '0' && c <= '9') ||
                                       (c >= 'a' && c <= 'f') ||
                                       (c >= 'A' && c <= 'F');
                      return shape == 'h' ? hex : c == shape;
                    });
}

void ReadHead(DocumentBuilder& builder) {
  const Value root = builder.root();
  SbomDocument& document = builder.document;
  if (builder.Text(root, "bomFormat") != "CycloneDX") {
    builder.Report(root, "bomFormat", "sbom.format-missing",
                   "does not say \"CycloneDX\"");
  }
  document.spec_version = builder.Text(root, "specVersion");
  if (document.spec_version.empty()) {
    builder.Report(root, "specVersion", "sbom.spec-version-missing",
                   "version read as 1.7");
  } else if (!IsCycloneDxVersion(document.spec_version)) {
    builder.Report(
        root, "specVersion", "sbom.spec-version-unsupported",
        fmt::format("version {} read as 1.7", Escaped(document.spec_version)));
  }
  document.serial = builder.Text(root, "serialNumber");
  if (!document.serial.empty() && !IsUuidUrn(document.serial)) {
    builder.Report(
        root, "serialNumber", "sbom.serial-malformed",
        fmt::format("\"{}\" is no urn:uuid", Escaped(document.serial)));
  }
  document.version = root["version"].text();
  document.has_signature = root["signature"].exists();
  document.external_references = ReadCycloneDxReferences(root, builder);
  for (Property& each : ReadCycloneDxProperties(root, builder)) {
    document.properties.push_back(std::move(each));
  }
}

// 1.7: what a citation is about stands in one of two ways.
void CheckCitations(DocumentBuilder& builder) {
  for (const Value each : builder.Array(builder.root(), "citations")) {
    if (each["pointers"].exists() == each["expressions"].exists()) {
      builder.Report(each, "sbom.citation-without-target",
                     "either pointers or expressions");
    }
  }
}

}  // namespace

bool IsCycloneDxVersion(std::string_view version) {
  return std::find(kVersions.begin(), kVersions.end(), version) !=
         kVersions.end();
}

SbomDocument ReadCycloneDx(const Tree& tree, std::string_view format) {
  DocumentBuilder builder(tree);
  builder.document.format = format;
  ReadHead(builder);
  DeclareReferences(builder);
  ReadMetadata(builder);
  ReadCycloneDxComponents(builder.Array(builder.root(), "components"),
                          "/components", "", builder);
  ReadDependencies(builder);
  ReadCompositions(builder);
  CheckCitations(builder);
  return builder.Finish();
}

}  // namespace assay::sbom
