// Reads a JSON report back.
#pragma once

#include <string_view>

#include "verifier/base/result.h"
#include "verifier/model/report.h"

namespace assay::report {

// The inverse of the JSON writer: writing what was read gives the same bytes,
// and every other writer says of it what it would have said of the original.
// What the JSON does not hold reads as empty: of SBOMs all but the number of
// their components and dependencies, of signatures all but the fingerprints of
// the further keys, of files that belong to a component by whose word they do.
// Text that was no UTF-8 reads in the escaped form that JSON has of it.
// kMalformed names the place by JSON pointer: a key that is missing, unknown,
// of another type or out of range, or another schema version.
[[nodiscard]] Result<Report> ReadReport(std::string_view json);

}  // namespace assay::report
