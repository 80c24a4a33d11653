// Specification: SPDX 2.3, clauses 6 to 11; 2.2 has the same shape.

#include "sbom/spdx2.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sbom/document_builder.h"
#include "sbom/spdx2_parts.h"
#include "sbom/spdx2_relations.h"
#include "sbom/spdx_properties.h"
#include "sbom/spdx_words.h"
#include "sbom/writer_support.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

using Meaning = Spdx2Meaning;

constexpr std::string_view kDocumentRef = "SPDXRef-DOCUMENT";

void ReadChecksums(Value object, Component& component,
                   DocumentBuilder& builder) {
  for (const Value each : builder.Array(object, "checksums")) {
    if (builder.IsObject(each)) {
      builder.AddDigest(component, builder.Text(each, "algorithm"),
                        builder.Text(each, "checksumValue"), each);
    }
  }
}

void ReadExternalRefs(Value object, Component& component,
                      DocumentBuilder& builder) {
  for (const Value each : builder.Array(object, "externalRefs")) {
    const std::string type = builder.Text(each, "referenceType");
    const std::string locator = builder.Text(each, "referenceLocator");
    if (type == "purl" && component.purl.empty()) {
      component.purl = locator;
    } else if (type.substr(0, 3) == "cpe" && component.cpe.empty()) {
      component.cpe = locator;
    } else if (type == "swid" && component.swid.empty()) {
      component.swid = locator;
    }
    const bool identifies = type == "purl" || type == "swid" ||
                            type == "cpe22Type" || type == "cpe23Type";
    if (!identifies) {
      component.external_references.push_back({type, locator});
    }
  }
  if (std::string page = builder.Text(object, "homepage");
      IsStatedInSpdx2(page)) {
    component.external_references.push_back({"website", std::move(page)});
  }
}

void DeclareElement(const Component& component, Value object,
                    DocumentBuilder& builder) {
  if (component.ref.empty()) {
    builder.Report(object, "SPDXID", "sbom.reference-empty",
                   "an element without SPDXID");
  } else {
    builder.Declare(object["SPDXID"].text(), object["SPDXID"]);
  }
}

Component ReadPackage(Value object, DocumentBuilder& builder) {
  Component component{
      .ref = builder.Id(object, "SPDXID"),
      .type = Lower(builder.Text(object, "primaryPackagePurpose")),
      .name = builder.Text(object, "name"),
      .version = builder.Text(object, "versionInfo"),
      .supplier = WithoutSpdx2Role(builder.Text(object, "supplier"))};
  std::replace(component.type.begin(), component.type.end(), '_', '-');
  if (component.type.empty()) {
    component.type = "library";
  }
  component.manufacturer = WithoutSpdx2Role(builder.Text(object, "originator"));
  if (component.supplier.empty()) {
    component.supplier = component.manufacturer;
  }
  if (component.supplier.empty() && object["supplier"].text() == kNoAssertion) {
    component.supplier = kNoAssertion;  // unknown, and said to be
  }
  component.description = builder.Text(object, "description");
  if (component.description.empty()) {
    component.description = builder.Text(object, "summary");
  }
  AddSpdx2Licences(object, component, builder);
  ReadChecksums(object, component, builder);
  ReadExternalRefs(object, component, builder);
  if (std::string place = builder.Text(object, "downloadLocation");
      IsStatedInSpdx2(place)) {
    component.external_references.push_back({"distribution", std::move(place)});
  }
  component.properties = Spdx2PropertiesOf(object);
  CheckSpdx2VerificationCode(object, builder);
  DeclareElement(component, object, builder);
  builder.CheckIdentity(component, object);
  return component;
}

Component ReadFile(Value object, DocumentBuilder& builder) {
  Component component{.ref = builder.Id(object, "SPDXID"),
                      .type = "file",
                      .name = builder.Text(object, "fileName")};
  AddSpdx2Licences(object, component, builder);
  AddSpdx2LicencesInFile(object, component, builder);
  component.properties = Spdx2PropertiesOf(object);
  ReadChecksums(object, component, builder);
  if (std::string path = NormalPath(component.name); !path.empty()) {
    component.files.push_back(std::move(path));
  }
  DeclareElement(component, object, builder);
  builder.CheckIdentity(component, object);
  return component;
}

using Places = std::unordered_map<std::string, std::size_t>;

// The elements, and where each stands in document.components.
Places ReadElements(DocumentBuilder& builder) {
  auto& components = builder.document.components;
  Places places;
  const auto read = [&](std::string_view key, auto reader) {
    std::size_t position = 0;
    for (const Value each : builder.Array(builder.root(), key)) {
      const std::string at = Join(Join("", key), position++);
      if (!builder.IsObject(each)) {
        continue;
      }
      Component component = reader(each, builder);
      component.pointer = at;
      if (!builder.AddComponent(std::move(component), each)) {
        return;
      }
      if (!components.back().ref.empty()) {
        places.emplace(components.back().ref, components.size() - 1);
      }
    }
  };
  read("packages", ReadPackage);
  read("files", ReadFile);
  return places;
}

// Lets `parent` nest `child`; the first to claim it keeps it.
void Nest(const std::string& parent, const std::string& child, Value at,
          const Places& places, DocumentBuilder& builder) {
  const auto found = places.find(child);
  if (found == places.end() || parent == child || parent == kDocumentRef) {
    return;
  }
  Component& component = builder.document.components[found->second];
  if (component.parent.empty()) {
    builder.Nest(component, parent, at);
  }
}

// Before 2.2 deprecated it in favour of CONTAINS, packages listed their files.
void ReadHasFiles(const Places& places, DocumentBuilder& builder) {
  const Value packages = builder.root()["packages"];
  for (const Value package : packages.is_array() ? packages : Value()) {
    const std::string ref = builder.Id(package["SPDXID"]);
    for (const Value file : builder.Array(package, "hasFiles")) {
      if (file.is_string()) {
        (void)builder.Resolve(file.text(), file);
        Nest(ref, std::string(file.text()), file, places, builder);
      }
    }
  }
}

// Components that contain each other make no tree: the circle is opened.
void BreakCycles(const Places& places, DocumentBuilder& builder) {
  auto& components = builder.document.components;
  // 0: not seen, else the number of the walk that saw it.
  std::vector<std::size_t> seen(components.size(), 0);
  for (std::size_t start = 0; start < components.size(); ++start) {
    std::size_t at = start;
    while (seen[at] == 0) {
      seen[at] = start + 1;
      const auto parent = places.find(components[at].parent);
      if (parent == places.end()) {
        break;
      }
      if (seen[parent->second] == start + 1) {
        builder.Report(
            builder.root(), "relationships", "sbom.dependency-cycle",
            fmt::format("\"{}\" contains itself", Escaped(components[at].ref)));
        components[at].parent.clear();
        break;
      }
      at = parent->second;
    }
  }
}

struct Relation {
  std::string from;
  std::string to;
  Meaning meaning = Meaning::kOther;
  Value at = {};
};

// "NONE" says that there are no dependencies; "NOASSERTION" that none is known.
void AddDependency(const std::string& from, const std::string& to, Value at,
                   DocumentBuilder& builder) {
  SbomDocument& document = builder.document;
  if (document.listed_dependencies.empty() ||
      document.listed_dependencies.back() != from) {
    document.listed_dependencies.push_back(from);
  }
  builder.AddDependency({from, to}, at);
}

// What a relation says of components; `described` collects the subjects.
void Apply(const Relation& relation, const Places& places,
           Spdx2Subjects& described, DocumentBuilder& builder) {
  const std::string& from = relation.from;
  const std::string& to = relation.to;
  const Meaning meaning = relation.meaning;
  auto& document = builder.document;
  const auto set_scope = [&](std::string_view scope) {
    if (const auto found = places.find(from); found != places.end()) {
      document.components[found->second].scope = scope;
    }
  };
  if (meaning == Meaning::kDescribes && from == kDocumentRef) {
    described.Add(to);
  } else if (meaning == Meaning::kDescribedBy && to == kDocumentRef) {
    described.Add(from);
  } else if (meaning == Meaning::kContains) {
    Nest(from, to, relation.at, places, builder);
  } else if (meaning == Meaning::kContainedBy) {
    Nest(to, from, relation.at, places, builder);
  } else if (meaning == Meaning::kDependsOn) {
    AddDependency(from, to, relation.at, builder);
  } else if (meaning == Meaning::kDependencyOf) {
    AddDependency(to, from, relation.at, builder);
  } else if (meaning == Meaning::kNotDelivered) {
    set_scope("excluded");
  } else if (meaning == Meaning::kOptional) {
    set_scope("optional");
  }
}

void ReadRelationships(const Places& places, Spdx2Subjects& described,
                       DocumentBuilder& builder) {
  for (const Value each : builder.Array(builder.root(), "relationships")) {
    if (!builder.IsObject(each)) {
      continue;
    }
    const Relation relation{builder.Id(each, "spdxElementId"),
                            builder.Id(each, "relatedSpdxElement"),
                            MeaningOfRelation(each["relationshipType"].text()),
                            each};
    for (const std::string_view key : {"spdxElementId", "relatedSpdxElement"}) {
      const Value ref = each[key];
      if (!IsElsewhereInSpdx2(ref.text())) {
        (void)builder.Resolve(ref.text(), ref.exists() ? ref : each);
      }
    }
    Apply(relation, places, described, builder);
  }
}

// Moves the described element out of the components.
void TakeSubject(const Places& places, Spdx2Subjects described,
                 DocumentBuilder& builder) {
  const Value describes = builder.Array(builder.root(), "documentDescribes");
  for (const Value each : describes) {
    if (each.is_string()) {
      (void)builder.Resolve(each.text(), each);
      described.Add(std::string(each.text()));
    }
  }
  if (described.count > 1) {
    builder.Report(builder.root(), "relationships", "sbom.roots-many",
                   fmt::format("{} subjects", described.count));
  }
  const auto found = places.find(described.first);
  if (found == places.end()) {
    builder.Report(builder.root(), "sbom.subject-missing",
                   "the document does not say what it describes");
    return;
  }
  auto& components = builder.document.components;
  const auto at =
      components.begin() + static_cast<std::ptrdiff_t>(found->second);
  builder.document.subject = std::move(*at);
  components.erase(at);
}

void ReadCreation(Value info, DocumentBuilder& builder) {
  SbomDocument& document = builder.document;
  document.timestamp = builder.Text(info, "created");
  document.lifecycle_phases = PhasesOfComment(builder.Text(info, "comment"));
  if (info.exists()) {
    builder.CheckTimestamp(document.timestamp, info, "created");
  }
  for (const Value creator : builder.Array(info, "creators")) {
    const std::string_view text = creator.text();
    (text.substr(0, 5) == "Tool:" ? document.tools : document.authors)
        .push_back(WithoutSpdx2Role(text));
  }
}

void ReadHead(DocumentBuilder& builder) {
  const Value root = builder.root();
  SbomDocument& document = builder.document;
  std::string& version = document.spec_version;
  constexpr std::string_view kPrefix = "SPDX-";
  version = root["spdxVersion"].text();
  version.erase(
      0, version.substr(0, kPrefix.size()) == kPrefix ? kPrefix.size() : 0);
  if (version != "2.3" && version != "2.2" && version != "2.1") {
    builder.Report(root, "spdxVersion", "sbom.spec-version-unsupported",
                   fmt::format("version {} read as 2.3", Escaped(version)));
  }
  document.name = builder.Text(root, "name");
  document.data_licence = builder.Text(root, "dataLicense");
  document.serial = builder.Text(root, "documentNamespace");
  document.properties = Spdx2PropertiesOf(root);
  TakeVersion(document);
  if (document.serial.find(':') == std::string::npos ||
      document.serial.find('#') != std::string::npos) {
    builder.Report(root, "documentNamespace", "sbom.serial-malformed",
                   fmt::format("\"{}\" is no absolute URI without fragment",
                               Escaped(document.serial)));
  }
  ReadCreation(builder.Object(root, "creationInfo"), builder);
}

// Clause 10: licences that relationships may name; clause 9: snippets.
void DeclareOthers(DocumentBuilder& builder) {
  builder.Declare(kDocumentRef, builder.root()["SPDXID"]);
  for (const Value each : builder.Array(builder.root(), "snippets")) {
    if (each["SPDXID"].is_string()) {
      builder.Declare(each["SPDXID"].text(), each["SPDXID"]);
    }
  }
}

}  // namespace

SbomDocument ReadSpdx2(const Tree& tree, std::string_view format) {
  DocumentBuilder builder(tree);
  builder.document.format = format;
  ReadHead(builder);
  DeclareOthers(builder);
  const Places places = ReadElements(builder);
  ReadHasFiles(places, builder);
  Spdx2Subjects described;
  ReadRelationships(places, described, builder);
  BreakCycles(places, builder);
  TakeSubject(places, described, builder);
  SettleEmptyLists(builder.document);
  return builder.Finish();
}

bool IsSpdx2(Value root) {
  return root["spdxVersion"].text().substr(0, 7) == "SPDX-2.";
}

}  // namespace assay::sbom
