// One artifact as JSON, for the report and for `assay ls --json`.
#pragma once

#include <string_view>

#include "verifier/model/artifact.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// `component`: who owns the file, "" when nobody does or it was not asked.
void PutArtifact(JsonText& json, const Artifact& artifact,
                 std::string_view component);

}  // namespace assay::report
