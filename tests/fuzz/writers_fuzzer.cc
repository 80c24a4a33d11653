// What any document becomes, our own readers take: a writer never makes what
// is no document.

#include <cstddef>
#include <cstdint>

#include "sbom/read.h"
#include "sbom/writer.h"
#include "tests/fuzz/fuzz.h"

namespace assay::sbom::write {
namespace {

const SbomWriter& Subject() {
  static const SbomWriter& chosen = fuzz::Choose<SbomWriter>({
#include "fuzz_writers.inc"
  });
  return chosen;
}

void One(ByteView data) {
  const auto document = ReadSbom(data);
  if (!document) {
    return;
  }
  const auto& writer = Subject();
  const auto written = writer.write(*document, writer.versions.front());
  fuzz::Require(ReadSbom(AsBytes(written.text)).has_value(),
                "what is written can be read");
}

}  // namespace
}  // namespace assay::sbom::write

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::sbom::write::One({data, size});
  return 0;
}
