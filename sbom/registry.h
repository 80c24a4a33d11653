// The registries of SBOM readers and of cataloguers.
#pragma once

#include <string_view>
#include <vector>

#include "sbom/read.h"
#include "sbom/source.h"
#include "verifier/base/result.h"
#include "verifier/model/observations.h"

namespace assay::sbom {

// One SBOM format. Reading is total: what is wrong in a document is listed in
// its `problems`, and only a document that is damaged as JSON, XML or the like,
// so that it says nothing, fails.
struct SbomReader {
  std::string_view name = {};  // "cyclonedx-json"
  std::string_view title = {};
  std::string_view reference = {};  // the specification
  // By content alone, cheaply.
  bool (*identify)(const SbomSource& source) = nullptr;
  // kMalformed names the place.
  Result<SbomDocument> (*read)(const SbomSource& source) = nullptr;
  // Appends what the official schema finds, or our own tables where the format
  // has none that can be had. Null: the format has no schema beyond what
  // `read` checks.
  SchemaCheck (*validate)(const SbomSource& source) = nullptr;
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
