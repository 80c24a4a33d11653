// One cataloguer over any bytes: what it finds lies within the artifact.

#include <cstddef>
#include <cstdint>

#include "sbom/registry.h"
#include "tests/fuzz/placement.h"

namespace assay::sbom {
namespace {

const Analysis& Subject() {
  static const Analysis& chosen = fuzz::Choose<Analysis>({
#include "fuzz_cataloguers.inc"
  });
  return chosen;
}

using fuzz::Require;

void One(ByteView data) {
  const fuzz::Placed placed = fuzz::Place(data);
  Observations seen;
  Subject().examine({placed.artifact, placed.content, fuzz::kLimits}, seen);
  for (const ComponentEvidence& evidence : seen.components) {
    Require(fuzz::LiesWithin(evidence.place, placed.content.size()),
            "a component lies within its artifact");
    Require(!evidence.component.name.empty(), "a component has a name");
  }
}

}  // namespace
}  // namespace assay::sbom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::sbom::One({data, size});
  return 0;
}
