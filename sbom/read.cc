#include "sbom/read.h"

#include <fmt/format.h>

#include <string>

#include "sbom/registry.h"
#include "verifier/base/json.h"

namespace assay::sbom {
namespace {

// What a JSON document that no reader knows calls itself.
std::string SelfDescription(const Json& document) {
  if (At(document, "@context").is_string()) {
    return "JSON-LD (SPDX 3 is not read)";
  }
  if (At(document, "specFormat").is_string()) {
    return "CycloneDX 2 (not read)";
  }
  return document.is_object() ? "an object" : document.type_name();
}

}  // namespace

Result<SbomDocument> ReadSbom(ByteView bytes) {
  if (bytes.size() > kMaxSbomBytes) {
    return Fail(ErrorCode::kLimit,
                fmt::format("an SBOM of {} bytes is over the limit of {}",
                            bytes.size(), kMaxSbomBytes));
  }
  const auto document = ParseJson(AsText(bytes));
  if (!document) {
    return Fail(document.error());
  }
  for (const SbomReader* reader : AllReaders()) {
    if (reader->identify(*document)) {
      return reader->read(*document);
    }
  }
  return Fail(ErrorCode::kUnsupported,
              fmt::format("JSON, but no SBOM format that is read: {}",
                          SelfDescription(*document)));
}

}  // namespace assay::sbom
