// Every piece of evidence in a report, checked against the product again:
// only what leads to it is decoded, and nothing is analysed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/base/secrets.h"
#include "verifier/model/report.h"

namespace assay::engine {

struct RecheckedLine {
  std::string what = {};  // "product", a finding's id, an evidence of it
  bool holds = false;
  std::string why = {};  // what was expected and what is there
};

struct Recheck {
  std::vector<RecheckedLine> lines = {};
  // What was taken out of the report, so that nobody can check it.
  std::uint64_t redacted_findings = 0;  // all of them but the severity
  std::uint64_t redacted_evidence = 0;  // of other findings
  [[nodiscard]] bool holds() const;
};

// Proves what is reported, not that nothing is missing. `rules` are folders of
// rules beside the built-in ones, `unsafe_no_sandbox` and `secrets` are as for
// Verify.
[[nodiscard]] Result<Recheck> RecheckReport(
    const Report& report, const std::string& product,
    const std::vector<std::string>& rules, bool unsafe_no_sandbox,
    const Secrets& secrets = {});

}  // namespace assay::engine
