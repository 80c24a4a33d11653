// The account of every byte, from the tree and what was decided about it.
#pragma once

#include <optional>
#include <vector>

#include "verifier/model/ledger.h"
#include "verifier/model/reconciliation.h"
#include "verifier/model/signature.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// Every axis of every account sums to the size of its artifact, and every
// headline axis to Ledger::leaf_bytes.
[[nodiscard]] Ledger BuildLedger(const Survey& survey,
                                 const std::vector<SignatureCheck>& checks,
                                 const Reconciliation& reconciliation);

// How much of each artifact good signatures cover, as sorted ranges that do
// not overlap: covered bytes of a container cover what is stored or encoded
// in them.
[[nodiscard]] std::vector<std::vector<CoveredRange>> SpreadCoverage(
    const Survey& survey, const std::vector<SignatureCheck>& checks);

// Sorted, and where two overlap the better coverage alone.
[[nodiscard]] std::vector<CoveredRange> Normalised(
    std::vector<CoveredRange> ranges);

// The weakest coverage along every byte of `place`, when a signature reaches
// them all. `covered` is sorted and does not overlap.
[[nodiscard]] std::optional<Coverage> CoverageOf(
    const std::vector<CoveredRange>& covered, const Range& place);

}  // namespace assay::engine
