// One SBOM reader over any bytes: reading is total.

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
  const SbomSource source(data);
  if (!Subject().identify(source)) {
    return;
  }
  const auto document = Subject().read(source);
  fuzz::Require(!document || !document->format.empty(),
                "a document names its format");
  if (document && Subject().validate != nullptr) {
    (void)Subject().validate(source);
  }
}

}  // namespace
}  // namespace assay::sbom

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::sbom::One({data, size});
  return 0;
}
