// Page one: everything that somebody must know who reads nothing else.
#pragma once

#include "verifier/model/report.h"
#include "verifier/report/html/markup.h"

namespace assay::report::html {

// Verdict, why, what to ask the vendor, what was delivered and judged by what,
// how much of it was explained, what was not examined. Needs no program.
void PutSummary(Markup& page, const Report& report);

}  // namespace assay::report::html
