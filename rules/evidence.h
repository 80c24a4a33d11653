// Witnesses as proof that can be repeated from the product alone.
#pragma once

#include <vector>

#include "rules/index.h"
#include "rules/matcher.h"
#include "verifier/model/finding.h"

namespace assay::rules {

// What a witness proves:
//   fact or pattern with a place: kBytes, with the digest of those bytes
//   fact without a place: kMetadata; `field` is "mode" for privileges, else
//     the kind of the fact, and `value` its value
//   fact that the user's files say: kRelation, told in `value`
//   artifact test: kMetadata, one per field tested
//   anomaly: kMetadata, `field` "anomaly"; region: `field` "structure"
//   signature check and discrepancy: kRelation, told in `value`
// With `redact` no excerpt is shown. Never empty.
[[nodiscard]] std::vector<Evidence> EvidenceOf(const Witness& witness,
                                               const Index& index, bool redact);

}  // namespace assay::rules
