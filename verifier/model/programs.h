// Which artifacts are programs.
#pragma once

#include "verifier/model/artifact.h"

namespace assay {

// Machine code that a system or its firmware loads: ELF, PE, TE.
[[nodiscard]] bool IsProgram(const Artifact& artifact);

}  // namespace assay
