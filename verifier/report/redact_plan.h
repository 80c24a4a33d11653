// What is to be taken out of a report, decided before anything is.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "verifier/base/result.h"
#include "verifier/model/report.h"
#include "verifier/report/mentions.h"
#include "verifier/report/redact.h"

namespace assay::report {

struct FindingPlan {
  bool gone = false;                // all but its severity
  bool unproven = false;            // its proof was asked to go
  bool untitled = false;            // its title would tell what goes
  std::vector<bool> evidence = {};  // true: gone, one for each
};

struct RedactionPlan {
  std::vector<FindingPlan> findings = {};  // one for each
  // What paths become, for those that go. All below a path goes with it.
  std::unordered_map<std::string, std::string> paths = {};
  // Nothing is said about what lies here, though the path may stay.
  std::set<std::string> silent = {};
  // Names, and texts that stand for what goes.
  Mentions mentions = {};

  [[nodiscard]] bool Gone(const std::string& path) const {
    return paths.count(path) > 0;
  }
};

// kConfig: a wish that nothing answers to, or that would take the product
// itself away.
[[nodiscard]] Result<RedactionPlan> PlanRedaction(const Report& report,
                                                  const RedactWish& wish);

}  // namespace assay::report
