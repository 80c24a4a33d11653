// From findings, checks and ledger to a verdict: the policy alone decides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verifier/model/policy.h"
#include "verifier/model/report.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// Fills Report::verdict and Report::reasons, after ApplyWaivers
// (engine/waivers.h). `policy` is null when the user gave none: the best
// verdict is then inconclusive. `fail_on`, of the command line, stands in for
// the policy's thresholds; the reasons say so.
void Decide(const Policy* policy, const Survey& survey, Report& report,
            std::optional<Severity> fail_on = {});

}  // namespace assay::engine
