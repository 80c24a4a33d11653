// Findings that a policy accepts for a time.
#pragma once

#include <string>
#include <vector>

#include "rules/rule.h"
#include "verifier/model/policy.h"
#include "verifier/model/report.h"
#include "verifier/model/survey.h"

namespace assay::engine {

inline constexpr UnixTime kLongestWaiver = 365LL * 86400;  // 365 days

// A waiver that accepts nothing, and why.
struct VoidWaiver {
  std::string id = {};
  std::string rule = {};
  std::string why = {};  // "it expired on 2026-01-01T00:00:00Z"
};

// Marks the findings that a waiver of the policy accepts at Report::at. Gives
// those that have expired, run longer than 365 days or meet no finding.
[[nodiscard]] std::vector<VoidWaiver> ApplyWaivers(const Policy& policy,
                                                   Report& report);

// Adds a finding for each, about the product's own artifact, by the rule for
// it.
void NoteVoidWaivers(const rules::RuleSet& rule_set,
                     const std::vector<VoidWaiver>& dead, const Survey& survey,
                     Report& report);

}  // namespace assay::engine
