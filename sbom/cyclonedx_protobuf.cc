// CycloneDX as protobuf. Specification: CycloneDX 1.7, schema/bom-1.7.proto,
// and the versions since 1.3, which was the first to have one.

#include <utility>

#include "sbom/cyclonedx.h"
#include "sbom/cyclonedx_proto.h"
#include "sbom/registry.h"

namespace assay::sbom {
namespace {

bool Identify(const SbomSource& source) {
  return !VersionOfProtoBytes(source.bytes()).empty();
}

// The descriptors are the schema: what they do not know is not read.
Result<SbomDocument> Read(const SbomSource& source) {
  const auto tree =
      TreeOfProtoBytes(source.bytes(), VersionOfProtoBytes(source.bytes()));
  if (!tree) {
    return Fail(tree.error());
  }
  return ReadCycloneDx(*tree, "CycloneDX protobuf");
}

}  // namespace

const SbomReader kCyclonedxProtobuf = {
    .name = "cyclonedx-protobuf",
    .title = "CycloneDX 1.3-1.7, protobuf",
    .reference = "CycloneDX 1.7 (ECMA-424), schema/bom-1.7.proto",
    .identify = Identify,
    .read = Read,
};

}  // namespace assay::sbom
