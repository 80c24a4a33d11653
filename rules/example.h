// Whether rules do what their examples say.
#pragma once

#include <string>
#include <vector>

#include "rules/rule.h"
#include "verifier/model/finding.h"

namespace assay::rules {

// What is wrong, "" when nothing is: `findings` (those of other rules do not
// count) against what the example expects.
[[nodiscard]] std::string WhyNotAsExpected(
    const Rule& rule, const Example& example,
    const std::vector<Finding>& findings);

// The example's own dossier, with hits in its texts, judged by `rule` of
// `rules`. "" also for examples of files: those need the whole pipeline.
[[nodiscard]] std::string RunExample(const RuleSet& rules, const Rule& rule,
                                     const Example& example);

}  // namespace assay::rules
