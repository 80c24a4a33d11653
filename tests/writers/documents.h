// A neutral document with something in every field that a format may carry.
#pragma once

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

}  // namespace assay::sbom
