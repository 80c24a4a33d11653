// A report that was accepted once: only what is new since then counts.
#pragma once

#include <string>

#include "verifier/model/report.h"

namespace assay::engine {

// Sets Finding::baseline to `name` where `baseline` has a finding of the same
// rule at the same place (engine/release_pairs.h) with all its evidence: the
// same bytes, fields and relations, wherever in the file they stand now.
void MarkKnown(const Report& baseline, const std::string& name, Report& report);

}  // namespace assay::engine
