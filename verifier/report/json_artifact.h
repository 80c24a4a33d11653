// One artifact as JSON, for the report and for `assay ls --json`.
#pragma once

#include <span>
#include <string_view>

#include "verifier/model/artifact.h"
#include "verifier/model/trait.h"
#include "verifier/report/json_text.h"

namespace assay::report {

// What is said of an artifact elsewhere in the report.
struct ArtifactContext {
  std::string_view component = {};  // who owns the file; "": nobody, or unasked
  std::span<const Trait> traits = {};
};

void PutArtifact(JsonText& json, const Artifact& artifact,
                 const ArtifactContext& context);

}  // namespace assay::report
