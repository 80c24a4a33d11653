// One target per signature scheme: any bytes are found, parsed and judged
// without harm, and never pass without an anchor.
#include <cstdlib>

#include "signatures/scheme.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace assay;  // NOLINT: the macro below names no namespace
  using namespace assay::signatures;
  const ByteView bytes(data, size);
  const std::vector<TrustAnchor> none;
  const Trust trust{.anchors = none, .at = 1'700'000'000};
  const Limits limits;
  for (const char* name : {"InRelease", "a.asc", "a.sig", "a.minisig", "a.p7s",
                           "SHA256SUMS", "a.sha256"}) {
    Artifact artifact;
    artifact.name = name;
    Observations seen;
    static_cast<void>(SUBJECT.find(
        Subject{.artifact = artifact, .content = bytes, .limits = limits},
        seen));
    for (const SignatureCandidate& candidate : seen.candidates) {
      if (SUBJECT.verify(candidate, bytes, trust).indication ==
          Indication::kTotalPassed) {
        std::abort();
      }
    }
  }
  return 0;
}
