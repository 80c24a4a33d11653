// SPDX 2 as JSON. Specification: SPDX 2.3, clauses 6 to 11, and its JSON
// schema.

#include "sbom/registry.h"
#include "sbom/spdx2.h"
#include "sbom/spdx2_shape.h"

namespace assay::sbom {
namespace {

bool Identify(const SbomSource& source) {
  return IsSpdx2(source.json());
}

Result<SbomDocument> Read(const SbomSource& source) {
  return ReadSpdx2(source.json_tree(), "SPDX JSON");
}

SchemaCheck Validate(const SbomSource& source) {
  return CheckSpdx2(source.json_tree());
}

}  // namespace

const SbomReader kSpdxJson = {
    .name = "spdx-json",
    .title = "SPDX 2.2-2.3, JSON",
    .reference = "SPDX 2.3, clauses 6 to 11; schemas/spdx-schema.json",
    .identify = Identify,
    .read = Read,
    .validate = Validate,
};

}  // namespace assay::sbom
