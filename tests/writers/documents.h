// A neutral document as we make them, and one with something in every field.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verifier/model/component.h"

namespace assay::sbom {

inline SbomDocument FullDocument() {
  SbomDocument document;
  document.format = "assay";
  document.serial = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79";
  document.timestamp = "2026-11-22T10:00:00Z";
  document.authors = {"Example Works <sbom@example.org>"};
  document.tools = {"assay 0.1.0"};
  document.lifecycle_phases = {"post-build"};
  document.data_licence = "CC0-1.0";
  document.name = "router";
  document.version = "1";
  Component subject;
  subject.ref = "product";
  subject.type = "firmware";
  subject.name = "router";
  subject.version = "1.0";
  subject.supplier = "Example Works <https://example.org>";
  subject.licences = {"NOASSERTION"};
  document.subject = subject;
  Component library;
  library.ref = "pkg:deb/debian/zlib1g@1:1.2.13";
  library.type = "library";
  library.name = "zlib1g";
  library.version = "1:1.2.13";
  library.purl = "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64";
  library.cpe = "cpe:2.3:a:zlib:zlib:1.2.13:*:*:*:*:*:*:*";
  library.supplier = "Mark Brown <broonie@debian.org>";
  library.licences = {"Zlib"};
  library.copyright = "1995-2022 Jean-loup Gailly and Mark Adler";
  library.description = "compression library - runtime";
  library.scope = "required";
  library.digests = {{DigestAlgorithm::kSha256, std::string(64, 'a')},
                     {DigestAlgorithm::kSha512, std::string(128, 'b')}};
  library.external_references = {{"vcs", "https://example.org/zlib.git"}};
  library.identity_evidence = {{.field = "purl",
                                .technique = "manifest-analysis",
                                .confidence = "0.4",
                                .value = "pkg:deb/debian/zlib1g@1:1.2.13"}};
  document.components.push_back(library);
  Component file;
  file.ref = "file:lib/libz.so.1";
  file.type = "file";
  file.name = "lib/libz.so.1";
  file.parent = library.ref;
  file.files = {"lib/libz.so.1"};
  file.digests = {{DigestAlgorithm::kSha1, std::string(40, 'c')},
                  {DigestAlgorithm::kSha512, std::string(128, 'd')}};
  file.properties = {{"bsi:component:executable", "executable"}};
  document.components.push_back(file);
  document.dependencies = {{"product", library.ref, "incomplete"}};
  document.listed_dependencies = {"product", library.ref, file.ref};
  Composition composition;
  composition.aggregate = "incomplete";
  composition.dependencies = {"product", library.ref, file.ref};
  document.compositions = {composition};
  return document;
}

// FullDocument() with a first component that has everything.
inline SbomDocument EveryField() {
  SbomDocument document = FullDocument();
  document.spec_version = "1";
  document.version = "3";
  document.name = "router, the document";
  document.manufacturer = "Example Works <sbom@example.org>";
  document.supplier = "Example Shop <https://shop.example.org>";
  document.external_references = {{"website", "https://example.org"}};
  document.properties = {{"example:document", "of it"}};
  document.has_signature = true;
  document.problems.push_back({.rule = "sbom.subject-missing"});
  Component& one = document.components[0];
  one.group = "group";
  one.files = {"usr/lib/libz.so.1", "usr/lib/libz.so.1.2.13"};
  one.source_name = "zlib";
  one.source_version = "1:1.2.13.dfsg";
  one.parent = "product";
  one.pointer = "/components/0";
  one.swid = "example.org-zlib";
  one.manufacturer = "Jean-loup Gailly <jloup@example.org>";
  one.author = "Mark Adler";
  one.licences = {"Zlib", "MIT"};
  one.licences_declared = {"Zlib"};
  one.licences_concluded = {"MIT"};
  one.claimed_digests = {{"SHA-256", std::string(64, 'a')},
                         {"MD6", std::string(64, 'b')}};
  one.external_references.push_back({"website", "https://zlib.example.org"});
  one.external_references.push_back({"website", "https://mirror.example.org"});
  one.external_references.push_back(
      {"distribution", "https://example.org/zlib.deb"});
  one.external_references.push_back({"threat-model", "https://example.org/t"});
  one.properties = {{"bsi:component:executable", "executable"},
                    {"bsi:component:archive", "no archive"},
                    {"bsi:component:structured", "structured"},
                    {"example:own", "value=with=signs"}};
  return document;
}

// Names of fields with nothing in them. A new field does not compile here until
// it has its place below and in EveryField(): then the tests ask every writer
// for it.
inline std::vector<std::string_view> EmptyFields(const Component& component) {
  const auto& [ref, type, group, name, version, purl, supplier, licences,
               digests, files, source_name, source_version, scope, parent,
               pointer, cpe, swid, manufacturer, author, copyright, description,
               declared, concluded, claimed_digests, references, properties,
               evidence] = component;
  const std::array<std::pair<std::string_view, bool>, 27> kFields = {
      {{"ref", ref.empty()},
       {"type", type.empty()},
       {"group", group.empty()},
       {"name", name.empty()},
       {"version", version.empty()},
       {"purl", purl.empty()},
       {"supplier", supplier.empty()},
       {"licences", licences.empty()},
       {"digests", digests.empty()},
       {"files", files.empty()},
       {"source_name", source_name.empty()},
       {"source_version", source_version.empty()},
       {"scope", scope.empty()},
       {"parent", parent.empty()},
       {"pointer", pointer.empty()},
       {"cpe", cpe.empty()},
       {"swid", swid.empty()},
       {"manufacturer", manufacturer.empty()},
       {"author", author.empty()},
       {"copyright", copyright.empty()},
       {"description", description.empty()},
       {"licences_declared", declared.empty()},
       {"licences_concluded", concluded.empty()},
       {"claimed_digests", claimed_digests.empty()},
       {"external_references", references.empty()},
       {"properties", properties.empty()},
       {"identity_evidence", evidence.empty()}}};
  std::vector<std::string_view> empty;
  for (const auto& [field, is_empty] : kFields) {
    if (is_empty) {
      empty.push_back(field);
    }
  }
  return empty;
}

inline std::vector<std::string_view> EmptyFields(const SbomDocument& document) {
  const auto& [format, spec_version, serial, timestamp, authors, tools, subject,
               components, dependencies, problems, name, version, data_licence,
               manufacturer, supplier, phases, listed, compositions, references,
               properties, has_signature] = document;
  const std::array<std::pair<std::string_view, bool>, 21> kFields = {
      {{"format", format.empty()},
       {"spec_version", spec_version.empty()},
       {"serial", serial.empty()},
       {"timestamp", timestamp.empty()},
       {"authors", authors.empty()},
       {"tools", tools.empty()},
       {"subject", !subject},
       {"components", components.empty()},
       {"dependencies", dependencies.empty()},
       {"problems", problems.empty()},
       {"name", name.empty()},
       {"version", version.empty()},
       {"data_licence", data_licence.empty()},
       {"manufacturer", manufacturer.empty()},
       {"supplier", supplier.empty()},
       {"lifecycle_phases", phases.empty()},
       {"listed_dependencies", listed.empty()},
       {"compositions", compositions.empty()},
       {"external_references", references.empty()},
       {"properties", properties.empty()},
       {"has_signature", !has_signature}}};
  std::vector<std::string_view> empty;
  for (const auto& [field, is_empty] : kFields) {
    if (is_empty) {
      empty.push_back(field);
    }
  }
  return empty;
}

}  // namespace assay::sbom
