#include "sbom/cyclonedx_component.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

// CycloneDX 1.6, the enumeration of component.type.
constexpr std::array<std::string_view, 14> kTypes = {"application",
                                                     "framework",
                                                     "library",
                                                     "container",
                                                     "platform",
                                                     "operating-system",
                                                     "device",
                                                     "device-driver",
                                                     "firmware",
                                                     "file",
                                                     "data",
                                                     "machine-learning-model",
                                                     "cryptographic-asset",
                                                     ""};

constexpr std::array<std::string_view, 4> kScopes = {"required", "optional",
                                                     "excluded", ""};

template <typename List>
bool Holds(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

void ReadLicences(const Json& object, std::string_view pointer,
                  Component& component, DocumentBuilder& builder) {
  const Json& list = builder.Array(object, "licenses", pointer);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Join(Join(pointer, "licenses"), i);
    if (!builder.IsObject(list[i], at)) {
      continue;
    }
    const Json& licence = builder.Object(list[i], "license", at);
    const std::string inside = Join(at, "license");
    const std::string texts[] = {builder.Text(list[i], "expression", at),
                                 builder.Text(licence, "id", inside),
                                 builder.Text(licence, "name", inside)};
    std::size_t stated = 0;
    for (const std::string& text : texts) {
      if (!text.empty()) {
        component.licences.push_back(text);
        ++stated;
      }
    }
    if (stated != 1) {
      builder.Report(at, "sbom.licence-malformed",
                     "neither one expression nor one id or name");
    }
  }
}

void ReadHashes(const Json& object, std::string_view pointer,
                Component& component, DocumentBuilder& builder) {
  const Json& list = builder.Array(object, "hashes", pointer);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Join(Join(pointer, "hashes"), i);
    if (builder.IsObject(list[i], at)) {
      builder.AddDigest(component, builder.Text(list[i], "alg", at),
                        builder.Text(list[i], "content", at), at);
    }
  }
}

void AddFile(std::string_view name, Component& component) {
  std::string path = NormalPath(name);
  if (!path.empty()) {
    component.files.push_back(std::move(path));
  }
}

void ReadOccurrences(const Json& object, std::string_view pointer,
                     Component& component, DocumentBuilder& builder) {
  const std::string evidence = Join(pointer, "evidence");
  const Json& list = builder.Array(builder.Object(object, "evidence", pointer),
                                   "occurrences", evidence);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string at = Join(Join(evidence, "occurrences"), i);
    if (builder.IsObject(list[i], at)) {
      AddFile(builder.Text(list[i], "location", at), component);
    }
  }
}

// Whoever the document says delivers the component: the supplier before the
// manufacturer (1.6), the publisher and the author.
std::string SupplierOf(const Json& object, std::string_view pointer,
                       DocumentBuilder& builder) {
  for (const std::string_view key : {"supplier", "manufacturer"}) {
    std::string name = builder.Text(builder.Object(object, key, pointer),
                                    "name", Join(pointer, key));
    if (!name.empty()) {
      return name;
    }
  }
  std::string publisher = builder.Text(object, "publisher", pointer);
  return publisher.empty() ? builder.Text(object, "author", pointer)
                           : publisher;
}

// An array of components that is being read.
struct Level {
  const Json* array;
  std::size_t next;
  std::string pointer;
  std::string parent;
};

}  // namespace

Component ReadCycloneDxComponent(const Json& object, std::string_view pointer,
                                 DocumentBuilder& builder) {
  Component component{.ref = builder.Text(object, "bom-ref", pointer),
                      .type = builder.Text(object, "type", pointer),
                      .group = builder.Text(object, "group", pointer),
                      .name = builder.Text(object, "name", pointer),
                      .version = builder.Text(object, "version", pointer),
                      .purl = builder.Text(object, "purl", pointer),
                      .supplier = SupplierOf(object, pointer, builder),
                      .scope = builder.Text(object, "scope", pointer),
                      .pointer = std::string(pointer)};
  if (component.type.empty() || !Holds(kTypes, component.type)) {
    builder.Report(Join(pointer, "type"), "sbom.component-type-unknown",
                   fmt::format("\"{}\"", Escaped(component.type)));
  }
  if (!Holds(kScopes, component.scope)) {
    builder.Report(Join(pointer, "scope"), "sbom.scope-unknown",
                   fmt::format("\"{}\"", Escaped(component.scope)));
  }
  const Json& external = At(object, "isExternal");  // 1.7: not delivered
  if (external.is_boolean() && external.get<bool>()) {
    component.scope = "excluded";
  }
  ReadLicences(object, pointer, component, builder);
  ReadHashes(object, pointer, component, builder);
  if (component.type == "file") {
    AddFile(component.name, component);
  }
  ReadOccurrences(object, pointer, component, builder);
  builder.CheckIdentity(component);
  return component;
}

void ReadCycloneDxComponents(const Json& array, std::string_view pointer,
                             std::string_view parent,
                             DocumentBuilder& builder) {
  std::vector<Level> levels;
  levels.push_back({&array, 0, std::string(pointer), std::string(parent)});
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.next >= level.array->size()) {
      levels.pop_back();
      continue;
    }
    const Json& object = (*level.array)[level.next];
    const std::string at = Join(level.pointer, level.next++);
    if (!builder.IsObject(object, at)) {
      continue;
    }
    Component component = ReadCycloneDxComponent(object, at, builder);
    component.parent = level.parent;
    const std::string self = component.ref.empty() ? at : component.ref;
    builder.document.components.push_back(std::move(component));
    const Json& nested = builder.Array(object, "components", at);
    levels.push_back({&nested, 0, Join(at, "components"), self});
  }
}

}  // namespace assay::sbom
