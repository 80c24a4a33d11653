// Rules over a dossier: the findings.
#pragma once

#include <vector>

#include "rules/rule.h"
#include "verifier/model/dossier.h"
#include "verifier/model/finding.h"
#include "verifier/model/report.h"

namespace assay::rules {

struct Evaluation {
  // Most severe first, then by rule, subject and place: the same for the same
  // rules and dossier, whatever the machine.
  std::vector<Finding> findings = {};
  RuleTally tally = {};
};

// Pieces of evidence that one finding shows at most; Finding::title can count
// them all ("{count}").
inline constexpr std::size_t kEvidencePerFinding = 32;

// Judges the dossier. Waivers and policy come later. A rule that needs a kind
// of fact which this version does not know, or "new" without a release before,
// is not evaluated. An explained finding stays, with severity info and
// Finding::explained_by set. Rules whose id or family is among `disabled` are
// not asked.
[[nodiscard]] Evaluation Evaluate(
    const RuleSet& rules, const Dossier& dossier,
    const std::vector<std::string>& disabled = {});

}  // namespace assay::rules
