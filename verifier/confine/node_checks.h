// Whether what a confined process says is as the model demands.
#pragma once

#include <cstdint>

#include "verifier/confine/node_wire.h"

namespace assay::confine {

[[nodiscard]] bool IsSound(const Artifact& artifact);
// `size`: of the artifact in which it was seen.
[[nodiscard]] bool IsSound(const Observations& seen, std::uint64_t size,
                           const Expectations& expected);

}  // namespace assay::confine
