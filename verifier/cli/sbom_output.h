// What `assay sbom check`, `compare` and `diff` print, as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "sbom/diff.h"
#include "sbom/profile.h"
#include "verifier/engine/product_sbom.h"
#include "verifier/report/writer.h"

namespace assay::cli {

struct SbomCheck {
  std::string name = {};  // of the file
  SbomDocument document = {};
  bool conforms = false;  // to its own specification
  std::vector<sbom::ProfileCheck> profiles = {};

  [[nodiscard]] bool Passes() const;
};

[[nodiscard]] std::string CheckText(const SbomCheck& check,
                                    const report::Style& style);
// Schema assay-sbom-check/1.
[[nodiscard]] std::string CheckJson(const SbomCheck& check);

[[nodiscard]] std::string ComparisonText(
    const engine::SbomComparison& comparison, const report::Style& style);
// Schema assay-sbom-comparison/1.
[[nodiscard]] std::string ComparisonJson(
    const engine::SbomComparison& comparison);

[[nodiscard]] std::string DiffText(const std::vector<sbom::SbomChange>& changes,
                                   const report::Style& style);
// Schema assay-sbom-diff/1.
[[nodiscard]] std::string DiffJson(
    const std::vector<sbom::SbomChange>& changes);

}  // namespace assay::cli
