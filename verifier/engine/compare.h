// `assay diff`: what one product has that the other has not.
#pragma once

#include "verifier/model/comparison.h"

namespace assay::engine {

// A pure function of two reports, fresh or saved. Files are compared by their
// place (engine/release_pairs.h).
[[nodiscard]] Comparison CompareReports(const Report& before,
                                        const Report& now);

}  // namespace assay::engine
