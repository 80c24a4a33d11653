// What `assay signatures` prints: who vouches for which byte.
#pragma once

#include <string>

#include "verifier/model/report.h"
#include "verifier/report/writer.h"

namespace assay::report {

// The checks with their chains, then how much of the product they reach.
[[nodiscard]] std::string WriteSignatures(const Report& report,
                                          const Style& style);
// The same as JSON, schema assay-signatures/1: `checks` and `authenticity` as
// in a report.
[[nodiscard]] std::string WriteSignaturesJson(const Report& report);

}  // namespace assay::report
