// By what releases are compared.
#pragma once

#include "verifier/model/artifact.h"

namespace assay {

// Whether it has content and hands none of it on: a container is what it
// holds.
[[nodiscard]] bool IsLeaf(const Artifact& artifact);

}  // namespace assay
