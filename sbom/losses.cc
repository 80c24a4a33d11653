#include "sbom/losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sbom/purl.h"
#include "verifier/base/text.h"

namespace assay::sbom {
namespace {

template <typename Holder>
struct Field {
  std::string_view name;
  bool (*has)(const Holder&);
};

// A file's own path says no more than its name.
bool HasOtherFiles(const Component& component) {
  return component.files.size() > 1 ||
         (component.files.size() == 1 &&
          (component.type != "file" ||
           component.files[0] != NormalPath(component.name)));
}

// A package URL has the same one as its namespace.
bool HasOtherGroup(const Component& component) {
  const auto purl = ParsePurl(component.purl);
  return !component.group.empty() &&
         (!purl || purl->name_space != component.group);
}

bool HasOtherLicences(const Component& component) {
  const auto& declared = component.licences_declared;
  const auto& concluded = component.licences_concluded;
  return !(declared.empty() && concluded.empty()) &&
         std::any_of(component.licences.begin(), component.licences.end(),
                     [&](const std::string& one) {
                       return std::find(declared.begin(), declared.end(),
                                        one) == declared.end() &&
                              std::find(concluded.begin(), concluded.end(),
                                        one) == concluded.end();
                     });
}

// In every format: reference, name, type, licences, digests, nesting.
constexpr std::array kComponent = {
    Field<Component>{"author",
                     [](const Component& of) { return !of.author.empty(); }},
    Field<Component>{"copyright",
                     [](const Component& of) { return !of.copyright.empty(); }},
    Field<Component>{"CPE name",
                     [](const Component& of) { return !of.cpe.empty(); }},
    Field<Component>{
        "description",
        [](const Component& of) { return !of.description.empty(); }},
    Field<Component>{
        "evidence",
        [](const Component& of) { return !of.identity_evidence.empty(); }},
    Field<Component>{
        "external references",
        [](const Component& of) { return !of.external_references.empty(); }},
    Field<Component>{"files", HasOtherFiles},
    Field<Component>{"group", HasOtherGroup},
    Field<Component>{"licences that are neither declared nor concluded",
                     HasOtherLicences},
    Field<Component>{
        "manufacturer",
        [](const Component& of) { return !of.manufacturer.empty(); }},
    Field<Component>{"package URL",
                     [](const Component& of) { return !of.purl.empty(); }},
    Field<Component>{
        "properties",
        [](const Component& of) { return !of.properties.empty(); }},
    Field<Component>{"scope",
                     [](const Component& of) { return !of.scope.empty(); }},
    Field<Component>{"source package",
                     [](const Component& of) {
                       return !of.source_name.empty() ||
                              !of.source_version.empty();
                     }},
    Field<Component>{"supplier",
                     [](const Component& of) { return !of.supplier.empty(); }},
    Field<Component>{"SWID tag",
                     [](const Component& of) { return !of.swid.empty(); }},
    Field<Component>{"version",
                     [](const Component& of) { return !of.version.empty(); }},
};

// In every format: namespace, time, authors, tools, phases, subject, components
// and their dependencies.
constexpr std::array kDocument = {
    Field<SbomDocument>{
        "the document's data licence",
        [](const SbomDocument& of) { return !of.data_licence.empty(); }},
    Field<SbomDocument>{
        "the document's external references",
        [](const SbomDocument& of) { return !of.external_references.empty(); }},
    Field<SbomDocument>{
        "the document's manufacturer",
        [](const SbomDocument& of) { return !of.manufacturer.empty(); }},
    Field<SbomDocument>{"the document's name",
                        [](const SbomDocument& of) {
                          return !of.name.empty() &&
                                 (!of.subject || of.subject->name != of.name);
                        }},
    Field<SbomDocument>{
        "the document's properties",
        [](const SbomDocument& of) { return !of.properties.empty(); }},
    Field<SbomDocument>{
        "the document's signature",
        [](const SbomDocument& of) { return of.has_signature; }},
    Field<SbomDocument>{
        "the document's supplier",
        [](const SbomDocument& of) { return !of.supplier.empty(); }},
    Field<SbomDocument>{
        "the document's version",
        [](const SbomDocument& of) { return !of.version.empty(); }},
};

template <typename Table, typename Holder>
void AddFields(const Table& table, std::span<const std::string_view> carried,
               const Holder& holder, LossTally& tally) {
  for (const auto& field : table) {
    if (std::find(carried.begin(), carried.end(), field.name) ==
        carried.end()) {
      tally.Add(field.name, field.has(holder));
    }
  }
}

}  // namespace

void LossTally::Add(std::string_view what, bool lost) {
  if (lost) {
    ++counts_[std::string(what)];
  }
}

void LossTally::AddAllBut(std::span<const std::string_view> carried,
                          const Component& component) {
  AddFields(kComponent, carried, component, *this);
}

void LossTally::AddAllBut(std::span<const std::string_view> carried,
                          const SbomDocument& document) {
  AddFields(kDocument, carried, document, *this);
}

std::vector<std::string> LossTally::Phrases() const {
  std::vector<std::string> phrases;
  for (const auto& [what, count] : counts_) {
    phrases.push_back(count == 1 ? what : fmt::format("{} ({})", what, count));
  }
  return phrases;
}

}  // namespace assay::sbom
