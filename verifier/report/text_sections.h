// The sections of the text report, in the order a reader needs them.
#pragma once

#include "verifier/model/report.h"
#include "verifier/report/layout.h"

namespace assay::report {

void PutFindings(Layout& layout, const Report& report);
void PutSignatures(Layout& layout, const Report& report);
void PutSbom(Layout& layout, const Report& report);
void PutDelta(Layout& layout, const Report& report);
void PutLedger(Layout& layout, const Report& report);
void PutNorm(Layout& layout, const Report& report);
void PutNotExamined(Layout& layout, const Report& report);

}  // namespace assay::report
