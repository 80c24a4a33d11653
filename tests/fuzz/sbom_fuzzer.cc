// One SBOM reader over any JSON: reading is total.

#include <cstddef>
#include <cstdint>

#include "sbom/registry.h"
#include "tests/fuzz/fuzz.h"

namespace assay::sbom {
namespace {

const SbomReader& Subject() {
  static const SbomReader& chosen = fuzz::Choose<SbomReader>({
#include "fuzz_sbom.inc"
  });
  return chosen;
}

void One(ByteView data) {
  const auto json = ParseJson(AsText(data));
  if (!json || !Subject().identify(*json)) {
    return;
  }
  const auto document = Subject().read(*json);
  fuzz::Require(!document || !document->format.empty(),
                "a document names its format");
}

}  // namespace
}  // namespace assay::sbom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::sbom::One({data, size});
  return 0;
}
