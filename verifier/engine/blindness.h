// What of a product could not be examined.
#pragma once

#include <string>
#include <vector>

#include "verifier/model/artifact.h"
#include "verifier/model/survey.h"

namespace assay::engine {

// Why part of the product was not examined, a sentence each; what is found in
// the rest can then never be "pass".
[[nodiscard]] std::vector<std::string> Blindness(const Survey& survey);
// The same of the artifacts of a report, as far as they say.
[[nodiscard]] std::vector<std::string> Blindness(
    const std::vector<Artifact>& artifacts);

}  // namespace assay::engine
