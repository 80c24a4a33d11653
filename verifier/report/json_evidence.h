// Evidence, as JSON has it.
#pragma once

#include <vector>

#include "verifier/model/finding.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// The member "evidence" of the open object.
void PutEvidence(JsonText& json, const std::vector<Evidence>& evidence);

}  // namespace assay::report
