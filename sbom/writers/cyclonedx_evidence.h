// How a component was identified, as CycloneDX' component.evidence.
#pragma once

#include "sbom/losses.h"
#include "verifier/base/json.h"
#include "verifier/model/component.h"

namespace assay::sbom::write {

// An object; empty when nothing is known.
[[nodiscard]] Json EvidenceOf(const Component& component, LossTally& losses);

}  // namespace assay::sbom::write
