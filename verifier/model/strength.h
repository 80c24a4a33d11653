// How sure an identification is, in CycloneDX' words.
#pragma once

#include <string_view>

#include "verifier/model/component.h"

namespace assay {

// What CycloneDX calls the way to an identification of that strength, and how
// much it counts on its scale from 0 to 1.
[[nodiscard]] std::string_view TechniqueOf(Strength strength);
[[nodiscard]] double ConfidenceOf(Strength strength);

}  // namespace assay
