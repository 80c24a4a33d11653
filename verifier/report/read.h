// Reads a JSON report back: what `assay recheck` repeats from it.
#pragma once

#include <string_view>

#include "verifier/base/result.h"
#include "verifier/model/report.h"

namespace assay::report {

// The inverse of the JSON writer for: tool version, verdict and reasons,
// product, policy and rules digests, at, limits, reproducible, confinement,
// secrets, findings with all evidence, and of each artifact id, parent, path
// and SHA-256. The other sections must be there and are not read. Names and
// paths stay in their escaped form.
// kMalformed names the place by JSON pointer: a key that is missing, unknown,
// of another type or out of range, or another schema version.
[[nodiscard]] Result<Report> ReadReport(std::string_view json);

}  // namespace assay::report
