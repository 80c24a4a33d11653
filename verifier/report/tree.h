// The tree of artifacts alone: `assay ls`.
#pragma once

#include <span>
#include <string>

#include "verifier/model/artifact.h"
#include "verifier/report/writer.h"

namespace assay::report {

// One line for each artifact, nested: mode and owner (where the container has
// them), size, format, the first 12 digits of the SHA-256, name. `artifacts`
// come depth first, parents before children.
[[nodiscard]] std::string WriteTree(std::span<const Artifact> artifacts,
                                    const Style& style);
// {"schema": "assay-tree/1", "artifacts": [...]}, each as in the JSON report.
[[nodiscard]] std::string WriteTreeJson(std::span<const Artifact> artifacts);

}  // namespace assay::report
