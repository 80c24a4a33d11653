// SPDX 2 as JSON. Specification: SPDX 2.3 (clauses 6 to 11) and its JSON
// schema; 2.2 has the same shape.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "sbom/document_builder.h"
#include "sbom/registry.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

constexpr std::string_view kDocumentRef = "SPDXRef-DOCUMENT";

bool Identify(const Json& document) {
  return TextAt(document, "spdxVersion").substr(0, 7) == "SPDX-2.";
}

// Clause 11.1: elements of other documents, and the two words for "nothing".
bool IsElsewhere(std::string_view ref) {
  return ref == "NONE" || ref == "NOASSERTION" ||
         ref.substr(0, 11) == "DocumentRef";
}

bool IsStated(std::string_view text) {
  return !text.empty() && text != "NONE" && text != "NOASSERTION";
}

// "Organization: Example (mail@example.org)" -> "Example (mail@example.org)"
std::string WithoutRole(std::string_view text) {
  for (const std::string_view role : {"Organization:", "Person:", "Tool:"}) {
    if (text.substr(0, role.size()) == role) {
      return std::string(Trim(text.substr(role.size())));
    }
  }
  return IsStated(text) ? std::string(text) : std::string();
}

void ReadChecksums(const Json& object, std::string_view pointer,
                   Component& component, DocumentBuilder& builder) {
  const Json& list = builder.Array(object, "checksums", pointer);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Join(Join(pointer, "checksums"), i);
    if (builder.IsObject(list[i], at)) {
      builder.AddDigest(component, builder.Text(list[i], "algorithm", at),
                        builder.Text(list[i], "checksumValue", at), at);
    }
  }
}

void ReadExternalRefs(const Json& object, std::string_view pointer,
                      Component& component, DocumentBuilder& builder) {
  const Json& list = builder.Array(object, "externalRefs", pointer);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Join(Join(pointer, "externalRefs"), i);
    if (component.purl.empty() &&
        builder.Text(list[i], "referenceType", at) == "purl") {
      component.purl = builder.Text(list[i], "referenceLocator", at);
    }
  }
}

void AddLicences(const Json& object, std::string_view pointer,
                 Component& component, DocumentBuilder& builder) {
  for (const std::string_view key : {"licenseConcluded", "licenseDeclared"}) {
    std::string text = builder.Text(object, key, pointer);
    if (IsStated(text) &&
        (component.licences.empty() || component.licences.back() != text)) {
      component.licences.push_back(std::move(text));
    }
  }
}

void DeclareElement(const Component& component, DocumentBuilder& builder) {
  if (component.ref.empty()) {
    builder.Report(Join(component.pointer, "SPDXID"), "sbom.reference-empty",
                   "an element without SPDXID");
  } else {
    builder.Declare(component.ref, Join(component.pointer, "SPDXID"));
  }
}

Component ReadPackage(const Json& object, std::string_view pointer,
                      DocumentBuilder& builder) {
  Component component{
      .ref = builder.Text(object, "SPDXID", pointer),
      .type = Lower(builder.Text(object, "primaryPackagePurpose", pointer)),
      .name = builder.Text(object, "name", pointer),
      .version = builder.Text(object, "versionInfo", pointer),
      .supplier = WithoutRole(builder.Text(object, "supplier", pointer)),
      .pointer = std::string(pointer)};
  std::replace(component.type.begin(), component.type.end(), '_', '-');
  if (component.type.empty()) {
    component.type = "library";
  }
  if (component.supplier.empty()) {
    component.supplier =
        WithoutRole(builder.Text(object, "originator", pointer));
  }
  AddLicences(object, pointer, component, builder);
  ReadChecksums(object, pointer, component, builder);
  ReadExternalRefs(object, pointer, component, builder);
  DeclareElement(component, builder);
  builder.CheckIdentity(component);
  return component;
}

Component ReadFile(const Json& object, std::string_view pointer,
                   DocumentBuilder& builder) {
  Component component{.ref = builder.Text(object, "SPDXID", pointer),
                      .type = "file",
                      .name = builder.Text(object, "fileName", pointer),
                      .pointer = std::string(pointer)};
  AddLicences(object, pointer, component, builder);
  ReadChecksums(object, pointer, component, builder);
  if (std::string path = NormalPath(component.name); !path.empty()) {
    component.files.push_back(std::move(path));
  }
  DeclareElement(component, builder);
  builder.CheckIdentity(component);
  return component;
}

using Places = std::unordered_map<std::string, std::size_t>;

// The elements, and where each stands in document.components.
Places ReadElements(const Json& document, DocumentBuilder& builder) {
  auto& components = builder.document.components;
  Places places;
  const auto read = [&](std::string_view key, auto reader) {
    const Json& list = builder.Array(document, key, "");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string at = Join(Join("", key), i);
      if (builder.IsObject(list[i], at)) {
        components.push_back(reader(list[i], at, builder));
        if (!components.back().ref.empty()) {
          places.emplace(components.back().ref, components.size() - 1);
        }
      }
    }
  };
  read("packages", ReadPackage);
  read("files", ReadFile);
  return places;
}

// Lets `parent` nest `child`; the first to claim it keeps it.
void Nest(const std::string& parent, const std::string& child,
          const Places& places, DocumentBuilder& builder) {
  const auto found = places.find(child);
  if (found == places.end() || parent == child || parent == kDocumentRef) {
    return;
  }
  Component& component = builder.document.components[found->second];
  if (component.parent.empty()) {
    component.parent = parent;
  }
}

// Before 2.2 deprecated it in favour of CONTAINS, packages listed their files.
void ReadHasFiles(const Json& document, const Places& places,
                  DocumentBuilder& builder) {
  const Json& packages = At(document, "packages");
  for (std::size_t i = 0; packages.is_array() && i < packages.size(); ++i) {
    const std::string at = Join("/packages", i);
    const std::string ref = TextAt(packages[i], "SPDXID");
    const Json& files = builder.Array(packages[i], "hasFiles", at);
    for (std::size_t k = 0; k < files.size(); ++k) {
      if (files[k].is_string()) {
        const auto file = files[k].get<std::string>();
        (void)builder.Resolve(file, Join(Join(at, "hasFiles"), k));
        Nest(ref, file, places, builder);
      }
    }
  }
}

// Clause 11.1, table 68. "A x_OF B" turns round to "B depends on A".
enum class Meaning {
  kOther,
  kDescribes,
  kDescribedBy,
  kContains,
  kContainedBy,
  kDependsOn,
  kDependencyOf,
  kNotDelivered,  // A helps to make or test B and is no part of it
  kOptional,
};

Meaning MeaningOf(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, Meaning>, 14> kMeanings = {
      {{"DESCRIBES", Meaning::kDescribes},
       {"DESCRIBED_BY", Meaning::kDescribedBy},
       {"CONTAINS", Meaning::kContains},
       {"CONTAINED_BY", Meaning::kContainedBy},
       {"DEPENDS_ON", Meaning::kDependsOn},
       {"DEPENDENCY_OF", Meaning::kDependencyOf},
       {"RUNTIME_DEPENDENCY_OF", Meaning::kDependencyOf},
       {"BUILD_DEPENDENCY_OF", Meaning::kNotDelivered},
       {"BUILD_TOOL_OF", Meaning::kNotDelivered},
       {"DEV_DEPENDENCY_OF", Meaning::kNotDelivered},
       {"DEV_TOOL_OF", Meaning::kNotDelivered},
       {"TEST_DEPENDENCY_OF", Meaning::kNotDelivered},
       {"TEST_TOOL_OF", Meaning::kNotDelivered},
       {"OPTIONAL_DEPENDENCY_OF", Meaning::kOptional}}};
  for (const auto& [name, meaning] : kMeanings) {
    if (name == type) {
      return meaning;
    }
  }
  return Meaning::kOther;
}

struct Relation {
  std::string from;
  std::string to;
  Meaning meaning = Meaning::kOther;
};

// What a relation says of components; `described` collects the subjects.
void Apply(const Relation& relation, const Places& places,
           std::string& described, DocumentBuilder& builder) {
  const std::string& from = relation.from;
  const std::string& to = relation.to;
  const Meaning meaning = relation.meaning;
  auto& dependencies = builder.document.dependencies;
  const auto set_scope = [&](std::string_view scope) {
    if (const auto found = places.find(from); found != places.end()) {
      builder.document.components[found->second].scope = scope;
    }
  };
  if (meaning == Meaning::kDescribes && described.empty()) {
    described = to;
  } else if (meaning == Meaning::kDescribedBy && described.empty()) {
    described = from;
  } else if (meaning == Meaning::kContains) {
    Nest(from, to, places, builder);
  } else if (meaning == Meaning::kContainedBy) {
    Nest(to, from, places, builder);
  } else if (meaning == Meaning::kDependsOn) {
    dependencies.push_back({from, to});
  } else if (meaning == Meaning::kDependencyOf) {
    dependencies.push_back({to, from});
  } else if (meaning == Meaning::kNotDelivered) {
    set_scope("excluded");
  } else if (meaning == Meaning::kOptional) {
    set_scope("optional");
  }
}

void ReadRelationships(const Json& document, const Places& places,
                       std::string& described, DocumentBuilder& builder) {
  const Json& list = builder.Array(document, "relationships", "");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Join("/relationships", i);
    if (!builder.IsObject(list[i], at)) {
      continue;
    }
    const Relation relation{
        builder.Text(list[i], "spdxElementId", at),
        builder.Text(list[i], "relatedSpdxElement", at),
        MeaningOf(builder.Text(list[i], "relationshipType", at))};
    for (const auto& [key, ref] :
         {std::pair("spdxElementId", &relation.from),
          std::pair("relatedSpdxElement", &relation.to)}) {
      if (!IsElsewhere(*ref)) {
        (void)builder.Resolve(*ref, Join(at, key));
      }
    }
    Apply(relation, places, described, builder);
  }
}

// Moves the described element out of the components.
void TakeSubject(const Json& document, const Places& places,
                 std::string described, DocumentBuilder& builder) {
  const Json& describes = builder.Array(document, "documentDescribes", "");
  if (!describes.empty() && describes[0].is_string()) {
    described = describes[0].get<std::string>();
    (void)builder.Resolve(described, "/documentDescribes/0");
  }
  const auto found = places.find(described);
  if (found == places.end()) {
    builder.Report("", "sbom.subject-missing",
                   "the document does not say what it describes");
    return;
  }
  auto& components = builder.document.components;
  const auto at =
      components.begin() + static_cast<std::ptrdiff_t>(found->second);
  builder.document.subject = std::move(*at);
  components.erase(at);
}

void ReadHead(const Json& document, DocumentBuilder& builder) {
  std::string& version = builder.document.spec_version;
  version = TextAt(document, "spdxVersion").substr(5);
  if (version != "2.3" && version != "2.2") {
    builder.Report("/spdxVersion", "sbom.spec-version-unsupported",
                   fmt::format("version {} read as 2.3", Escaped(version)));
  }
  std::string& serial = builder.document.serial;
  serial = builder.Text(document, "documentNamespace", "");
  if (serial.find(':') == std::string::npos ||
      serial.find('#') != std::string::npos) {
    builder.Report("/documentNamespace", "sbom.serial-malformed",
                   fmt::format("\"{}\" is no absolute URI without fragment",
                               Escaped(serial)));
  }
  const Json& info = builder.Object(document, "creationInfo", "");
  std::string& timestamp = builder.document.timestamp;
  timestamp = builder.Text(info, "created", "/creationInfo");
  builder.CheckTimestamp(timestamp, "/creationInfo/created");
  const Json& creators = builder.Array(info, "creators", "/creationInfo");
  for (const Json& creator : creators) {
    const std::string text =
        creator.is_string() ? creator.get<std::string>() : "";
    (text.substr(0, 5) == "Tool:" ? builder.document.tools
                                  : builder.document.authors)
        .push_back(WithoutRole(text));
  }
}

// Clause 10: licences that relationships may name; clause 9: snippets.
void DeclareOthers(const Json& document, DocumentBuilder& builder) {
  builder.Declare(std::string(kDocumentRef), "/SPDXID");
  const Json& snippets = builder.Array(document, "snippets", "");
  for (std::size_t i = 0; i < snippets.size(); ++i) {
    const std::string at = Join("/snippets", i);
    builder.Declare(builder.Text(snippets[i], "SPDXID", at), at);
  }
}

Result<SbomDocument> Read(const Json& document) {
  DocumentBuilder builder;
  builder.document.format = "SPDX JSON";
  ReadHead(document, builder);
  DeclareOthers(document, builder);
  const Places places = ReadElements(document, builder);
  ReadHasFiles(document, places, builder);
  std::string described;
  ReadRelationships(document, places, described, builder);
  TakeSubject(document, places, described, builder);
  return builder.Finish();
}

}  // namespace

const SbomReader kSpdxJson = {
    .name = "spdx-json",
    .title = "SPDX 2.2-2.3, JSON",
    .reference = "SPDX 2.3, clauses 6 to 11; schemas/spdx-schema.json",
    .identify = Identify,
    .read = Read,
};

}  // namespace assay::sbom
