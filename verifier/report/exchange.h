// What the formats of other tools ask of a report, besides its words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "verifier/model/report.h"

namespace assay::report {

// Whether the finding weighs on the verdict: as severe as the threshold of its
// family, not accepted by a waiver and not known from the baseline. What a
// declaration explains is information.
[[nodiscard]] bool Weighs(const Finding& finding, const Report& report);

// Whether it is loud: above information, and neither explained, nor accepted by
// a waiver, nor known from a baseline. Whatever the thresholds.
[[nodiscard]] bool IsLoud(const Finding& finding);

// The exit code of `assay verify`: 0 pass, 1 fail, 2 inconclusive.
[[nodiscard]] int ExitCodeOf(Verdict verdict);

// A number that hosts sort by: over 9.0 critical, over 7.0 high, over 4.0
// medium, over 0.0 low (GitHub, "SARIF support for code scanning").
[[nodiscard]] std::string_view SecuritySeverityOf(Severity severity);

// An artifact's path as a relative URI reference (RFC 3986 section 4.2): all
// but unreserved characters, "/" and "!" is percent-encoded. Steps of dots stay
// names and never lead anywhere.
[[nodiscard]] std::string UriOf(std::string_view path);

// At most `most` bytes, cut between characters; " ..." says so.
[[nodiscard]] std::string Cut(std::string text, std::size_t most);

// RFC 9562 section 5.5, version 5, in the namespace of these 32 digits.
[[nodiscard]] std::string UuidIn(std::string_view space, std::string_view name);
// The same in the namespace of URLs. `kind` keeps apart what has the same name.
[[nodiscard]] std::string UuidOf(std::string_view kind, std::string_view name);

// SHA-256 over the rule and the content of the evidence, whatever the paths:
// the same for a finding that moved.
[[nodiscard]] std::string FingerprintOf(const Finding& finding);

[[nodiscard]] std::vector<const Finding*> FindingsOf(const Report& report);

// One rule that found something, by the words of its findings.
struct RuleSummary {
  std::string_view id;
  const Finding* worst = nullptr;  // the most severe finding of it
};
// In the order of their first finding.
[[nodiscard]] std::vector<RuleSummary> RulesOf(
    const std::vector<const Finding*>& findings);

// The artifacts by path.
class ArtifactIndex {
 public:
  explicit ArtifactIndex(const Report& report);
  // Null when there is none of that path.
  [[nodiscard]] const Artifact* Find(std::string_view path) const;

 private:
  std::unordered_map<std::string_view, const Artifact*> by_path_;
};

}  // namespace assay::report
