// One signature scheme over any bytes: candidates lie within the artifact, and
// nothing passes when nobody is trusted.

#include <cstddef>
#include <cstdint>

#include "signatures/scheme.h"
#include "tests/fuzz/placement.h"

namespace assay::signatures {
namespace {

const SignatureScheme& Subject() {
  static const SignatureScheme& chosen = fuzz::Choose<SignatureScheme>({
#include "fuzz_signatures.inc"
  });
  return chosen;
}

using fuzz::Require;

void One(ByteView data) {
  const fuzz::Placed placed = fuzz::Place(data);
  Observations seen;
  Subject().find({placed.artifact, placed.content, fuzz::kLimits}, seen);
  const std::vector<TrustAnchor> nobody;
  const Trust trust = {.anchors = nobody, .at = 1'768'435'200};
  for (const SignatureCandidate& candidate : seen.candidates) {
    Require(fuzz::LiesWithin(candidate.place, placed.content.size()),
            "a signature lies within its artifact");
    const SignatureCheck check =
        Subject().verify(candidate, placed.content, trust);
    Require(check.indication != Indication::kTotalPassed,
            "nothing passes when nobody is trusted");
  }
}

}  // namespace
}  // namespace assay::signatures

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  assay::signatures::One({data, size});
  return 0;
}
