// The registries of SBOM readers and of cataloguers.
#pragma once

#include <string_view>
#include <vector>

#include "verifier/base/json.h"
#include "verifier/base/result.h"
#include "verifier/model/observations.h"

namespace assay::sbom {

// One SBOM format. Reading is total: what is wrong in a document is listed in
// its `problems`, and only a document that is not of the format at all fails.
struct SbomReader {
  std::string_view name = {};  // "cyclonedx-json"
  std::string_view title = {};
  std::string_view reference = {};  // the specification
  bool (*identify)(const Json& document) = nullptr;
  Result<SbomDocument> (*read)(const Json& document) = nullptr;
};

#define ASSAY_ENTRY(constant) extern const SbomReader constant;
#include "sbom_list.inc"
#undef ASSAY_ENTRY

// Cataloguers find components in the bytes of one artifact.
#define ASSAY_ENTRY(constant) extern const Analysis constant;
#include "cataloguers_list.inc"
#undef ASSAY_ENTRY

[[nodiscard]] const std::vector<const SbomReader*>& AllReaders();
[[nodiscard]] const std::vector<const Analysis*>& AllCataloguers();

}  // namespace assay::sbom
