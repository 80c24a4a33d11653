// Syft's own JSON. Specification: the schema that each document names,
// schema/json/schema-16.*.json of anchore/syft.

#include <fmt/format.h>

#include <string>
#include <unordered_map>
#include <utility>

#include "sbom/document_builder.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

bool Identify(const SbomSource& source) {
  const Value json = source.json();
  return json["artifacts"].is_array() && json["descriptor"].is_object() &&
         json["schema"]["url"].text().find("syft") != std::string_view::npos;
}

void AddPath(std::string_view raw, Component& component) {
  if (std::string path = NormalPath(raw); !path.empty()) {
    component.files.push_back(std::move(path));
  }
}

void ReadLicences(Value artifact, Component& component,
                  DocumentBuilder& builder) {
  for (const Value licence : builder.Array(artifact, "licenses")) {
    std::string text = builder.Text(licence, "spdxExpression");
    if (text.empty()) {
      text = builder.Text(licence, "value");
    }
    const std::string type = builder.Text(licence, "type");
    (type == "concluded" ? component.licences_concluded
                         : component.licences_declared)
        .push_back(text);
    component.licences.push_back(std::move(text));
  }
}

// Up to schema 15 a text, since then an object that says where it is from.
std::string CpeOf(Value artifact, DocumentBuilder& builder) {
  for (const Value cpe : builder.Array(artifact, "cpes")) {
    return std::string(cpe.is_string() ? cpe.text() : cpe["cpe"].text());
  }
  return "";
}

void Declare(Value object, DocumentBuilder& builder) {
  if (const Value id = object["id"]; !id.text().empty()) {
    builder.Declare(id.text(), id);
  } else {
    builder.Report(object, "id", "sbom.reference-empty", "no id");
  }
}

void ReadArtifacts(DocumentBuilder& builder) {
  std::size_t position = 0;
  for (const Value artifact : builder.Array(builder.root(), "artifacts")) {
    const std::string at = Join("/artifacts", position++);
    if (!builder.IsObject(artifact)) {
      continue;
    }
    Component component{.ref = builder.Id(artifact, "id"),
                        .type = "library",
                        .name = builder.Text(artifact, "name"),
                        .version = builder.Text(artifact, "version"),
                        .purl = builder.Text(artifact, "purl"),
                        .pointer = at};
    component.cpe = CpeOf(artifact, builder);
    ReadLicences(artifact, component, builder);
    component.identity_evidence.push_back(
        {.field = "name", .technique = builder.Text(artifact, "foundBy")});
    Declare(artifact, builder);
    builder.CheckIdentity(component, artifact);
    if (!builder.AddComponent(std::move(component), artifact)) {
      return;
    }
  }
}

void ReadFiles(DocumentBuilder& builder) {
  std::size_t position = 0;
  for (const Value file : builder.Array(builder.root(), "files")) {
    const std::string at = Join("/files", position++);
    if (!builder.IsObject(file)) {
      continue;
    }
    Component component{
        .ref = builder.Id(file, "id"),
        .type = "file",
        .name = builder.Text(builder.Object(file, "location"), "path"),
        .pointer = at};
    AddPath(component.name, component);
    for (const Value digest : builder.Array(file, "digests")) {
      builder.AddDigest(component, builder.Text(digest, "algorithm"),
                        builder.Text(digest, "value"), digest);
    }
    Declare(file, builder);
    builder.CheckIdentity(component, file);
    if (!builder.AddComponent(std::move(component), file)) {
      return;
    }
  }
}

void ReadRelationships(DocumentBuilder& builder) {
  auto& document = builder.document;
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < document.components.size(); ++i) {
    places.emplace(document.components[i].ref, i);
  }
  for (const Value each :
       builder.Array(builder.root(), "artifactRelationships")) {
    const std::string parent = builder.Id(each, "parent");
    const std::string child = builder.Id(each, "child");
    const std::string type = builder.Text(each, "type");
    const auto found = places.find(child);
    if (type == "dependency-of") {
      builder.AddDependency({child, parent}, each);
    } else if ((type == "contains" || type == "ownership-by-file-overlap") &&
               found != places.end() && parent != child &&
               places.count(parent) != 0) {
      builder.Nest(document.components[found->second], parent, each);
    }
  }
}

void ReadHead(DocumentBuilder& builder) {
  auto& document = builder.document;
  const Value root = builder.root();
  document.spec_version =
      builder.Text(builder.Object(root, "schema"), "version");
  const Value descriptor = builder.Object(root, "descriptor");
  document.tools.push_back(fmt::format("{} {}",
                                       builder.Text(descriptor, "name"),
                                       builder.Text(descriptor, "version")));
  document.timestamp = builder.Text(descriptor, "timestamp");
  const Value source = builder.Object(root, "source");
  Component subject{.ref = builder.Text(source, "id"),
                    .type = builder.Text(source, "type"),
                    .name = builder.Text(source, "name"),
                    .version = builder.Text(source, "version"),
                    .pointer = "/source"};
  if (subject.name.empty()) {
    builder.Report(root, "source", "sbom.subject-missing",
                   "the document does not say what it describes");
  } else {
    document.subject = std::move(subject);
  }
}

Result<SbomDocument> Read(const SbomSource& source) {
  DocumentBuilder builder(source.json_tree());
  builder.document.format = "Syft JSON";
  ReadHead(builder);
  ReadArtifacts(builder);
  ReadFiles(builder);
  ReadRelationships(builder);
  return builder.Finish();
}

}  // namespace

const SbomReader kSyftJson = {
    .name = "syft-json",
    .title = "Syft JSON, schema 16",
    .reference = "anchore/syft, schema/json",
    .identify = Identify,
    .read = Read,
};

}  // namespace assay::sbom
