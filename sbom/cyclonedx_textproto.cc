// CycloneDX as protobuf text. Specification: CycloneDX 1.7,
// schema/bom-1.7.proto, and the versions since 1.3, which was the first to have
// one.

#include <utility>

#include "sbom/cyclonedx.h"
#include "sbom/cyclonedx_proto.h"
#include "sbom/registry.h"

namespace assay::sbom {
namespace {

bool Identify(const SbomSource& source) {
  return !VersionOfProtoText(source.text()).empty();
}

// The descriptors are the schema: what they do not know is not read.
Result<SbomDocument> Read(const SbomSource& source) {
  const auto tree =
      TreeOfProtoText(source.text(), VersionOfProtoText(source.text()));
  if (!tree) {
    return Fail(tree.error());
  }
  return ReadCycloneDx(*tree, "CycloneDX protobuf text");
}

}  // namespace

const SbomReader kCyclonedxTextproto = {
    .name = "cyclonedx-textproto",
    .title = "CycloneDX 1.3-1.7, protobuf text",
    .reference = "CycloneDX 1.7 (ECMA-424), schema/bom-1.7.proto",
    .identify = Identify,
    .read = Read,
};

}  // namespace assay::sbom
