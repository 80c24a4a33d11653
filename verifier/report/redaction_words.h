// What every output of a redacted report says first.
#pragma once

#include <string>

#include "verifier/model/report.h"

namespace assay::report {

// "redacted for disclosure (REASON): 1 critical finding, 2 paths ..."; "" when
// nothing was taken out.
[[nodiscard]] std::string RedactionText(const Report& report);

}  // namespace assay::report
