#include "verifier/engine/known_formats.h"

#include "sbom/registry.h"
#include "signatures/scheme.h"
#include "verifier/formats/format.h"

namespace assay::engine {
namespace {

std::string_view NameOf(formats::Proof proof) {
  switch (proof) {
    case formats::Proof::kChecksum:
      return "checksum";
    case formats::Proof::kStructure:
      return "structure";
    case formats::Proof::kMagic:
      return "magic";
    case formats::Proof::kWeak:
      break;
  }
  return "weak";
}

}  // namespace

std::vector<KnownFormat> KnownFormats() {
  std::vector<KnownFormat> known;
  for (const formats::Format* format : formats::AllFormats()) {
    known.push_back({format->name, format->title, format->depth,
                     NameOf(format->proof), format->carvable,
                     format->reference});
  }
  for (const signatures::SignatureScheme* scheme : signatures::AllSchemes()) {
    known.push_back({scheme->name, scheme->title, "signature", "", false,
                     scheme->reference});
  }
  for (const sbom::SbomReader* reader : sbom::AllReaders()) {
    known.push_back(
        {reader->name, reader->title, "SBOM", "", false, reader->reference});
  }
  return known;
}

}  // namespace assay::engine
