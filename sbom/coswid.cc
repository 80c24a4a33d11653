// Concise SWID tags. Specification: RFC 9393.

#include "sbom/registry.h"
#include "sbom/swid.h"

namespace assay::sbom {
namespace {

bool Identify(const SbomSource& source) {
  return IsCoswid(source.bytes());
}

Result<SbomDocument> Read(const SbomSource& source) {
  const auto tree = CoswidTree(source.bytes());
  if (!tree) {
    return Fail(tree.error());
  }
  return ReadSwid(*tree, "CoSWID");
}

}  // namespace

const SbomReader kCoswid = {
    .name = "coswid",
    .title = "CoSWID tags, CBOR",
    .reference = "RFC 9393",
    .identify = Identify,
    .read = Read,
};

}  // namespace assay::sbom
