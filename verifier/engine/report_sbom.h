// The SBOM that a report holds: its inventory, without what only the product's
// bytes tell.
#pragma once

#include <string>

#include "verifier/base/result.h"
#include "verifier/model/report.h"

namespace assay::engine {

// CycloneDX 1.6 JSON: packages with where and how they were seen, executables
// and archives with their digests, of which package's database a file is. What
// programs load from each other, and licences that stand beside a package, only
// `assay sbom make` sees. The time is the report's.
[[nodiscard]] Result<std::string> SbomOfReport(const Report& report);

}  // namespace assay::engine
