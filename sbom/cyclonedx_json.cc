// CycloneDX as JSON. Specification: CycloneDX 1.7 (ECMA-424, second edition),
// schema/bom-1.7.schema.json, and the versions before it.

#include <string>
#include <utility>

#include "sbom/cyclonedx.h"
#include "sbom/registry.h"
#include "sbom/schemas/official.h"

namespace assay::sbom {
namespace {

bool Identify(const SbomSource& source) {
  const Value json = source.json();
  if (json["bomFormat"].text() == "CycloneDX") {
    return true;
  }
  // Without its name tag, only by the field no other format has.
  return json["specVersion"].text().substr(0, 2) == "1.";
}

Result<SbomDocument> Read(const SbomSource& source) {
  return ReadCycloneDx(source.json_tree(), "CycloneDX JSON");
}

SchemaCheck Validate(const SbomSource& source) {
  const std::string_view version = source.json()["specVersion"].text();
  SchemaCheck check;
  const JsonSchema* schema = CycloneDxJsonSchema(version);
  if (schema == nullptr) {
    check.problems.push_back(SchemaMissing("CycloneDX JSON", version));
    return check;
  }
  check.schema = schema->name();
  check.problems = schema->Validate(source.json_tree());
  return check;
}

}  // namespace

const SbomReader kCyclonedxJson = {
    .name = "cyclonedx-json",
    .title = "CycloneDX 1.2-1.7, JSON",
    .reference = "CycloneDX 1.7 (ECMA-424), schema/bom-1.7.schema.json",
    .identify = Identify,
    .read = Read,
    .validate = Validate,
};

}  // namespace assay::sbom
