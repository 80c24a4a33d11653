// What is done to every artifact while its bytes are hot.
#pragma once

#include <memory>

#include "verifier/engine/examine.h"
#include "verifier/unpack/walk.h"

namespace assay::engine {

// Runs what the plan's scope and rules ask for. Borrows the plan.
[[nodiscard]] std::unique_ptr<unpack::Examiner> MakeAnalyst(
    const ExaminePlan& plan);

}  // namespace assay::engine
