// What the tests of firmware signatures share: the verdict as the engine
// reaches it, with the digests that a candidate names.
#pragma once

#include <string>
#include <string_view>

#include "tests/signatures/scheme_run.h"
#include "tests/support/hex.h"
#include "verifier/model/trust.h"

namespace assay::signatures::testing {

inline TrustAnchor RawKey(std::string_view sample) {
  return {.name = std::string(sample),
          .type = TrustAnchor::Type::kRawKey,
          .key = assay::testing::Sample(sample)};
}

// "" or the first range whose bytes do not have the digest that is signed.
inline std::string Mismatch(const SignatureCandidate& candidate) {
  for (const ClaimedRange& range : candidate.ranges) {
    if (range.expected != range.found) {
      return range.what;
    }
  }
  return "";
}

// The verdict on one candidate, as the engine reaches it.
inline std::string Judged(const SignatureScheme& scheme,
                          const SignatureCandidate& candidate,
                          const Situation& situation, ByteView message = {}) {
  const Trust trust{.anchors = situation.anchors,
                    .at = situation.at,
                    .legacy_algorithms = situation.legacy};
  const SignatureCheck check = scheme.verify(candidate, message, trust);
  if (check.indication == Indication::kTotalPassed &&
      !Mismatch(candidate).empty()) {
    return "TOTAL-FAILED HASH_FAILURE";
  }
  return Verdict(check);
}

// How many candidates of these bytes pass.
inline std::size_t Passing(const SignatureScheme& scheme,
                           const std::string& name, ByteView bytes,
                           const Situation& situation, ByteView message = {}) {
  std::size_t count = 0;
  for (const SignatureCandidate& one : FindAll(scheme, name, bytes)) {
    count +=
        Judged(scheme, one, situation, message) == "TOTAL-PASSED" ? 1U : 0U;
  }
  return count;
}

// How the candidate reaches the byte at `at`, the best way first.
inline Coverage ReachOf(const SignatureCandidate& candidate, std::size_t at) {
  Coverage best = Coverage::kUncoveredLive;
  for (const ClaimedRange& range : candidate.ranges) {
    if (at >= range.range.offset &&
        at - range.range.offset < range.range.length) {
      best = std::min(best, range.coverage);
    }
  }
  return best;
}

inline Bytes Replaced(ByteView bytes, std::string_view from,
                      std::string_view to) {
  std::string text(AsText(bytes));
  const std::size_t at = text.find(from);
  if (at != std::string::npos) {
    text.replace(at, from.size(), to);
  }
  return CopyOf(AsBytes(text));
}

}  // namespace assay::signatures::testing
