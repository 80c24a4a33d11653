// From findings, checks and ledger to a verdict: the policy alone decides.
#pragma once

#include "verifier/model/policy.h"
#include "verifier/model/report.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// Marks the findings that a waiver of the policy accepts at Report::at. A
// waiver that has expired, runs longer than 365 days or meets no finding
// accepts nothing; each such one gives a line for the report's reasons.
[[nodiscard]] std::vector<std::string> ApplyWaivers(const Policy& policy,
                                                    Report& report);

// Why part of the product was not examined, a sentence each; what is found in
// the rest can then never be "pass".
[[nodiscard]] std::vector<std::string> Blindness(const Survey& survey);

// Fills Report::verdict and Report::reasons. `policy` is null when the user
// gave none: the best verdict is then inconclusive.
void Decide(const Policy* policy, const Survey& survey, Report& report);

}  // namespace assay::engine
