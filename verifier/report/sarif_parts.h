// What both forms of SARIF 2.1.0 share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifier/model/report.h"
#include "verifier/report/exchange.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// "error", "warning" or "note" (section 3.27.10).
[[nodiscard]] std::string_view LevelOf(Severity severity);

// "$schema" and "version" of the open object.
void PutSarifHead(JsonText& json);

// A member whose value is an object with this text.
void PutMessage(JsonText& json, std::string_view key, std::string_view text);

// The member "tool" of a run: every rule that found something, with help and
// `tags` tags at most. `more` are ids of rules without findings, and `disabled`
// of those that the policy switched off.
struct SarifRules {
  std::vector<RuleSummary> found = {};
  std::vector<std::string> more = {};
  std::vector<std::string> disabled = {};
};
void PutTool(JsonText& json, const Report& report, const SarifRules& rules,
             std::size_t tags);

// Members of a location: bytes of a file, with what stands there or "", and the
// path as a name.
void PutRegion(JsonText& json, Range place, std::string_view excerpt);
void PutLogicalLocation(JsonText& json, std::string_view path);

// What the evidence shows, as the message of its location.
[[nodiscard]] std::string WordsOfEvidence(const Evidence& evidence);

// What the run as a whole says: product, policy, label, verdict.
void PutRunProperties(JsonText& json, const Report& report);

// Members of a result: the rule, how bad it is, what it says.
void PutResultHead(JsonText& json, const Finding& finding,
                   std::size_t rule_index);
// ... and who accepted it, if somebody did.
void PutSuppressions(JsonText& json, const Finding& finding);

}  // namespace assay::report
