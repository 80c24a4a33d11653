// What was taken out of a report, as JSON.
#pragma once

#include "verifier/model/report.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// A member of the open object; none unless something was taken out.
void PutRedaction(JsonText& json, const Report& report);

}  // namespace assay::report
