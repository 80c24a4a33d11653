// What a report says about norm 13(i), as JSON.
#pragma once

#include "verifier/model/report.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// A member of the open object. Readers need not read it: it follows from the
// rest of the report.
void PutNorm(JsonText& json, const Report& report);

}  // namespace assay::report
